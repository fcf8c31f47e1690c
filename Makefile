# Makefile - the commands of everyday. CMake does the building. Every target works on a fresh
# Debian 12 that has bash, make and apt-get: it begins with tools/deps.sh.
#
#   make PREFIX=$HOME/.local CMAKE_FLAGS=-DLERAY_PORTABLE=ON install
SHELL := /bin/bash
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
CMAKE_FLAGS ?=
FUZZ_SECONDS ?= 30

sources = find include core tensor data solvers operators training online refine api commands cli tests perf examples \
	\( -name '*.c' -o -name '*.h' \)
benchmarks = $(patsubst perf/%.c,perf_%,$(wildcard perf/*.c))

.DEFAULT_GOAL := build
.PHONY: build help demo check validate perf install package check-package format sanitize fuzz clean
.PHONY: deps-build deps-check deps-perf deps-package configure

build: configure ## the library and the command (the default)
	cmake --build build -j $(JOBS) --target leray leray_static leray_command leray_manual

demo: build ## simulate, learn, measure: configs/demo.yaml
	build/leray online configs/demo.yaml

check: deps-check configure ## all tests
	cmake --build build -j $(JOBS)
	ctest --test-dir build --output-on-failure --no-tests=error -j 2

validate: deps-check build ## comparisons with published results, about half an hour: runs/validation
	/usr/bin/python3 validation/run.py build/leray runs/validation

perf: deps-perf ## benchmarks: one JSON object per line on stdout
	@cmake --preset release $(CMAKE_FLAGS) >&2
	@cmake --build build -j $(JOBS) --target $(benchmarks) >&2
	@for p in $(benchmarks); do build/$$p || exit 1; done

install: build ## to PREFIX (/usr/local), below DESTDIR
	DESTDIR='$(DESTDIR)' cmake --install build --prefix '$(PREFIX)'

package: deps-package ## a Debian package, for any machine of this kind: build-package/leray_VERSION_ARCH.deb
	cmake --preset package $(CMAKE_FLAGS)
	cmake --build build-package -j $(JOBS) --target package

check-package: package ## installs and uses the package in a clean root, as root
	tools/check_package.sh build-package/leray_*.deb .

format: ## the sources as clang-format leaves them
	$(sources) | xargs clang-format -i

sanitize: deps-check ## all tests, the slow ones too, with address and undefined-behaviour sanitizers
	cmake --preset debug $(CMAKE_FLAGS)
	cmake --build build-debug -j $(JOBS)
	ctest --test-dir build-debug --output-on-failure --no-tests=error -j 2

fuzz: deps-check ## each fuzz target for FUZZ_SECONDS (30)
	cmake --preset fuzz $(CMAKE_FLAGS)
	tools/fuzz.sh build-fuzz $(FUZZ_SECONDS)

clean: ## forget what was built; runs/ stays
	rm -rf build build-debug build-portable build-clang build-fuzz build-package

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

configure: deps-build
	cmake --preset release $(CMAKE_FLAGS)

deps-build deps-check deps-perf deps-package: deps-%:
	@tools/deps.sh $* >&2
