#!/bin/sh
# check_circles.sh SOURCE BUILD - no two files of the library may need each other, directly or by way of others: a
# reader can then take them one after the other, and a test needs no more than what is below. File a needs b
# if b defines a symbol that a uses, by the object files of a build. Prints the files of every circle with
# what each takes from the others.
source=${1:?source folder} objects=${2:?build folder}/CMakeFiles/leray_objects.dir
command -v nm >/dev/null || { echo "no nm"; exit 77; }
cd "$objects" || exit 1
# Objects of sources that are gone stay in a build.
find . -name '*.c.o' | sed 's|^\./||; s|\.o$||' | sort | while read -r file; do
    [ -f "$source/$file" ] && echo "$file.o"
done | xargs nm -A -g | sed 's|\.o:| |' | awk '
    { type = $(NF - 1); symbol = $NF }
    !($1 in is_file) { is_file[$1]; n++ }
    type == "U" || type == "w" || type == "v" { use_by[++uses] = $1; use_of[uses] = symbol; next }
    { home[symbol] = $1 }
    END {
        for (i = 1; i <= uses; i++) {
            a = use_by[i]; b = home[use_of[i]]
            if (b == "" || a == b) continue
            if (taken[a, b] == "") needs[a] = needs[a] " " b
            taken[a, b] = taken[a, b] " " use_of[i]
        }
        for (a in needs) { # all that a needs, directly or not
            split("", reached); last = 1; list[1] = a
            for (i = 1; i <= last; i++) {
                m = split(needs[list[i]], next_files, " ")
                for (j = 1; j <= m; j++)
                    if (!(next_files[j] in reached)) {
                        reached[next_files[j]]; reaches[a, next_files[j]]; list[++last] = next_files[j]
                    }
            }
        }
        for (a in needs) if ((a, a) in reaches) { # a circle is named after its first file
            circle[a] = a
            for (b in needs)
                if ((a, b) in reaches && (b, a) in reaches && b < circle[a]) circle[a] = b
        }
        for (a in circle) if (circle[a] == a) {
            print "a circle:"; bad = 1
            for (b in circle) if (circle[b] == a) {
                m = split(needs[b], next_files, " ")
                for (j = 1; j <= m; j++)
                    if (circle[next_files[j]] == a)
                        print "  " b " takes from " next_files[j] ":" taken[b, next_files[j]]
            }
        }
        if (n < 100) { print "only " n " object files were found"; exit 1 }
        if (!bad) print n " files, no circle"
        exit bad
    }'
