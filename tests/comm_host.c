/* tests/comm_host.c - a program that has started MPI itself, and lends parts of its ranks to the library.

       comm_host all FOLDER      all ranks do A
       comm_host split FOLDER    ranks 0, 2, .. do A, ranks 1, 3, .. meanwhile B, at their own pace
       comm_host units           splitting, sums, blocks and flags of groups
       comm_host                 groups of one rank, where MPI is not started

   A: a solver divided among the ranks (planes.<rank>), an ensemble to a file, training from it. B: barriers among
   themselves, another solver, one simulation to files. tests/comm_ranks.sh compares what A leaves. */
#include "core/comm.h"
#include "core/mem.h"
#include <leray/leray.h>

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHECK(ok)                                                            \
    do {                                                                     \
        if (!(ok)) return printf("line %d: not so: %s\n", __LINE__, #ok), 1; \
    } while (0)
#define OK(call)                                                                                 \
    do {                                                                                         \
        if (call) return printf("line %d: %s: %s\n", __LINE__, #call, leray_error_message()), 1; \
    } while (0)

static const char flow[] =
    "name: a\nthreads: 1\n"
    "solver: {type: ns2d, n: [24, 16], nu: 1e-3, forcing: {type: fno}, dt: 0.02}\n"
    "ensemble: {simulations: 5, frames: 3, interval: 0.1}\n";
static const char learner[] = "name: a\nthreads: 1\ndata: {type: well, path: \"\"}\n"
                              "model: {type: fno, width: 4, modes: 3, layers: 1, projection: 4}\n"
                              "train: {batch: 4, epochs: 3}\n";
static const char other[] = "name: b\nthreads: 1\nsolver: {type: ns3d, n: 12, dt: 0.05}\n"
                            "ensemble: {frames: 3, interval: 0.1}\n";

static int file_in(const char *folder, const char *name, int rank, char out[512])
{
    return rank < 0 ? snprintf(out, 512, "%s/%s", folder, name)
                    : snprintf(out, 512, "%s/%s.%d", folder, name, rank);
}

static int write_planes(const char *path, const leray_frame *frame)
{
    FILE *file = fopen(path, "wb");
    size_t n = (size_t)frame->count * (size_t)frame->grid->axis[1].n;

    CHECK(file);
    CHECK(fwrite(frame->field[0].values, sizeof(double), n, file) == n);
    return fclose(file);
}

static int run_solver(MPI_Comm *comm, const char *name, const char *deck, const char *path)
{
    leray_config *cfg;
    leray_solver *solver;
    leray_frame frame;
    int ranks, planes;

    MPI_Comm_size(*comm, &ranks);
    OK(leray_config_open_text("host", deck, 0, NULL, &cfg));
    OK(leray_solver_create_on(comm, name, cfg, &solver));
    OK(leray_solver_start(solver, 7, 0));
    OK(leray_solver_advance(solver, 0.5));
    leray_solver_frame(solver, &frame);
    planes = frame.count;
    MPI_Allreduce(MPI_IN_PLACE, &planes, 1, MPI_INT, MPI_SUM, *comm);
    CHECK(planes == frame.grid->axis[0].n &&
          frame.count <= (frame.grid->axis[0].n + ranks - 1) / ranks);
    if (path && write_planes(path, &frame)) return 1;
    leray_solver_destroy(&solver);
    leray_config_destroy(&cfg);
    return 0;
}

typedef leray_status verb(const leray_config *, const leray_run_options *, leray_report *);

/* Rank 0 of the group has the report, the others have none. */
static int run_deck(MPI_Comm *comm, verb *call, const char *deck, const char *data,
                    const char *folder)
{
    leray_run_options options = {.folder = folder, .mpi_comm = comm};
    leray_report report;
    leray_config *cfg;
    int rank;

    MPI_Comm_rank(*comm, &rank);
    OK(leray_config_open_text("host", deck, 0, NULL, &cfg));
    if (data) OK(leray_config_set_text(cfg, "data.path", data));
    OK(call(cfg, &options, &report));
    CHECK((rank == 0) == (report.json != NULL));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    return 0;
}

static int do_a(MPI_Comm *comm, const char *folder)
{
    char planes[512], made[512], data[512], trained[512];
    int rank;

    MPI_Comm_rank(*comm, &rank);
    file_in(folder, "planes", rank, planes), file_in(folder, "made", -1, made);
    file_in(folder, "made/ensemble.h5", -1, data), file_in(folder, "trained", -1, trained);
    if (run_solver(comm, "ns2d", flow, planes)) return 1;
    if (run_deck(comm, leray_run_generate, flow, NULL, made)) return 1;
    return run_deck(comm, leray_run_train, learner, data, trained);
}

static int do_b(MPI_Comm *comm, const char *folder)
{
    char path[512];

    for (int i = 0; i < 1000; i++) MPI_Barrier(*comm);
    if (run_solver(comm, "ns3d", other, NULL)) return 1;
    file_in(folder, "b", -1, path);
    return run_deck(comm, leray_run_solve, other, NULL, path);
}

/* What is said without a communicator is said by one rank alone. */
static int do_alone(const char *folder, int rank)
{
    char path[512];
    leray_run_options options = {.folder = path};
    leray_report report;
    leray_config *cfg;

    file_in(folder, "alone", rank, path);
    if (rank == 1) return 0; /* nor does any other rank wait for this one */
    OK(leray_config_open_text("host", flow, 0, NULL, &cfg));
    OK(leray_run_generate(cfg, &options, &report));
    CHECK(strstr(report.json, "\"ranks\": 1,"));
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    return 0;
}

/* ---- groups ----------------------------------------------------------------------------- */

static int check_sums(const leray_comm *comm)
{
    int rank = leray_comm_rank(comm), size = leray_comm_size(comm), all = size * (size + 1) / 2;
    double x[2] = {rank + 1, -rank};
    float y[3] = {(float)rank + 1, 1, 0};
    leray_comm_sums *sums;

    OK(leray_comm_sum(comm, x, 2));
    CHECK(x[0] == all && x[1] == size - all);
    x[0] = rank;
    OK(leray_comm_max(comm, x, 1));
    CHECK(x[0] == size - 1);
    x[0] = rank == 0 ? 42 : 0;
    OK(leray_comm_share(comm, x, sizeof *x));
    CHECK(x[0] == 42);
    OK(leray_comm_sums_create(comm, 2, &sums));
    OK(leray_comm_sums_start(sums, y, 1));
    OK(leray_comm_sums_start(sums, y + 1, 2));
    OK(leray_comm_sums_progress(sums));
    OK(leray_comm_sums_finish(sums));
    leray_comm_sums_destroy(&sums);
    CHECK(y[0] == (float)all && y[1] == (float)size && y[2] == 0);
    OK(leray_comm_agree(comm, LERAY_OK));
    if (size > 1) /* the last rank has failed */
        CHECK(leray_comm_agree(comm, rank == size - 1 ? LERAY_ERR_IO : LERAY_OK) ==
              (rank == size - 1 ? LERAY_ERR_IO : LERAY_ERR_PEER));
    return 0;
}

/* Rank r gives r letters, none from rank 0. */
static int check_gather(const leray_comm *comm)
{
    int rank = leray_comm_rank(comm), size = leray_comm_size(comm);
    size_t sizes[16];
    char own[16], expected[256] = "", *all;

    memset(own, 'a' + rank, sizeof own);
    for (int r = 0; r < size; r++)
        for (int k = 0; k < r; k++) expected[strlen(expected)] = (char)('a' + r);
    OK(leray_comm_gather(comm, own, (size_t)rank, &all, sizes));
    CHECK((all != NULL) == (rank == 0));
    for (int r = 0; r < size && rank == 0; r++) CHECK(sizes[r] == (size_t)r);
    if (rank == 0) CHECK(strcmp(all, expected) == 0);
    leray_mem_free(all);
    return 0;
}

/* Ranks look at different paces; one raises, all see it before they end. */
static int check_flag(const leray_comm *comm, int raiser)
{
    int rank = leray_comm_rank(comm), seen = 0, looks = 0, level = raiser < 0 ? 0 : 2;
    leray_comm_flag *flag;

    OK(leray_comm_flag_create(comm, &flag));
    for (; looks < 50 && (raiser < 0 || rank == raiser || seen == 0); looks++) {
        usleep((unsigned)(100 * (rank + 1)));
        OK(leray_comm_flag_look(flag, rank == raiser && looks == 5 ? 2 : 0, &seen));
        if (rank == raiser && looks < 5) CHECK(seen == 0);
        if (rank != raiser && raiser >= 0 && seen == 0) looks--; /* until it comes */
    }
    OK(leray_comm_flag_finish(flag, 0, &seen));
    CHECK(seen == level);
    leray_comm_flag_destroy(&flag);
    return 0;
}

static int check_group(const leray_comm *comm)
{
    int size = leray_comm_size(comm);

    if (check_sums(comm) || check_gather(comm)) return 1;
    for (int r = -1; r < size; r++)
        if (check_flag(comm, r)) return 1;
    CHECK(leray_comm_sharers(comm) >= 1 && leray_comm_sharers(comm) <= size);
    return 0;
}

static int do_units(MPI_Comm world)
{
    int rank, size;
    leray_comm *all, *part, *pair;

    MPI_Comm_rank(world, &rank);
    MPI_Comm_size(world, &size);
    OK(leray_comm_create(&world, &all));
    CHECK(leray_comm_rank(all) == rank && leray_comm_size(all) == size);
    if (check_group(all)) return 1;
    /* Two halves, the second in reverse order, and only one of them at work. */
    OK(leray_comm_split(all, rank % 2, rank % 2 ? -rank : rank, &part));
    CHECK(leray_comm_size(part) == (size + 1 - rank % 2) / 2);
    CHECK(leray_comm_rank(part) == (rank % 2 ? (size - 1 - rank) / 2 : rank / 2) || size % 2 == 1);
    if (rank % 2 == 0 && check_group(part)) return 1;
    OK(leray_comm_split(part, leray_comm_rank(part) / 2, 0, &pair));
    CHECK(leray_comm_size(pair) <= 2);
    if (check_group(pair)) return 1;
    leray_comm_destroy(&pair);
    leray_comm_destroy(&part);
    leray_comm_destroy(&all);
    if (check_group(leray_comm_self()) || check_group(NULL)) return 1;
    CHECK(leray_mem_live() == 0);
    return 0;
}

/* A communicator is refused, and this rank alone needs none. */
static int do_without(void)
{
    MPI_Comm world = MPI_COMM_WORLD;
    leray_comm *comm, *part;

    CHECK(leray_comm_create(&world, &comm) == LERAY_ERR_EXTERNAL && !comm);
    CHECK(strstr(leray_error_message(), "MPI is not running"));
    OK(leray_comm_split(NULL, 3, 0, &part));
    if (check_group(NULL) || check_group(leray_comm_self()) || check_group(part)) return 1;
    CHECK(!leray_comm_handle(part, &world));
    leray_comm_destroy(&part);
    CHECK(leray_mem_live() == 0);
    return 0;
}

/* ---- the program ------------------------------------------------------------------------ */

static int run(int argc, char **argv, int rank)
{
    const char *mode = argv[1], *folder = argc > 2 ? argv[2] : ".";
    MPI_Comm half, world = MPI_COMM_WORLD;
    int failed;

    if (strcmp(mode, "units") == 0) return do_units(world);
    if (strcmp(mode, "split") == 0) {
        MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
        failed = rank % 2 ? do_b(&half, folder) : do_a(&half, folder);
        MPI_Comm_free(&half);
        return failed ? failed : do_alone(folder, rank);
    }
    return do_a(&world, folder);
}

int main(int argc, char **argv)
{
    const char *const name[] = {"host"};
    int provided, rank, failed, ended = 1;

    if (argc == 1) return do_without();
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided)) return 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    leray_set_verbosity(0);
    failed = leray_start(1, name) || run(argc, argv, rank);
    leray_finish();
    MPI_Finalized(&ended);
    if (ended) return printf("the library has ended MPI\n"), 1;
    if (failed) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return leray_mem_live() != 0;
}
