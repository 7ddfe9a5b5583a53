#include "gpu_on_cpu/block_runner.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "gpu_on_cpu/fiber.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace mxsi_cpu {

Now now;

namespace {

enum class State : uint8_t { READY, AT_BARRIER, MEETING_LANES, GONE };

/* What a thread waits for, and with what. */
struct Wait {
    Place place;
    BlockVote vote;
    int predicate;
    WarpAction action;
    unsigned int mask;
    uint64_t value;
    unsigned int operand;
    int width;
    uint64_t result;
};

struct Warp {
    uint32_t time;
    unsigned int waiting; /* lanes that meet others */
    /* synced[a][b]: what lane b did before this time lies before what lane a does now. */
    uint32_t synced[WARP_SIZE][WARP_SIZE];
};

struct Runner {
    /* the test's settings */
    mxsi_cpu_order order = MXSI_CPU_FORWARD;
    uint64_t random = 0;
    bool record = false;
    std::string failure;

    /* the launch that runs */
    bool launched = false;
    bool failed = false;
    const std::function<void()> *kernel = nullptr;
    size_t dynamic_bytes = 0;
    uint32_t launches = 0;

    /* its block */
    unsigned int threads = 0;
    unsigned int turn = 0; /* position in `turns` */
    std::vector<unsigned int> turns;
    std::vector<State> states;
    std::vector<Wait> waits;
    std::vector<uint3> indices;
    std::vector<Warp> warps;
    std::vector<Fiber> fibers;
    Fiber scheduler;
    bool abandoned = false; /* the last block ended in a failure */
};
Runner runner;

/* D. Lehmer's generator with the modulus 2^64; the upper half is used. */
unsigned int random_below(unsigned int bound) {
    runner.random = runner.random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned int>(((runner.random >> 32) * bound) >> 32);
}

void put_in_order(std::vector<unsigned int> *numbers, size_t count) {
    numbers->resize(count);
    for (size_t i = 0; i < count; i++) {
        (*numbers)[i] = static_cast<unsigned int>(runner.order == MXSI_CPU_REVERSE ? count - 1 - i : i);
    }
    if (runner.order == MXSI_CPU_SHUFFLED) {
        for (size_t i = count; i > 1; i--) {
            std::swap((*numbers)[i - 1], (*numbers)[random_below(static_cast<unsigned int>(i))]);
        }
    }
}

std::string text_of(Place place) {
    return std::string(place.file) + ":" + std::to_string(place.line);
}

std::string text_of(uint3 index) {
    return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

void keep_failure(const std::string &message) {
    runner.failed = true;
    runner.failure = message;
    if (!runner.record) {
        std::fprintf(stderr, "%s\n", message.c_str());
        std::abort();
    }
}

void keep_failure_of(unsigned int thread, const std::string &what) {
    keep_failure(what + " (block " + text_of(blockIdx) + ", thread " + text_of(runner.indices[thread]) + ")");
}

/* The next thread that can run is made the current one; the scheduler where the round is over. */
Fiber *next_turn() {
    for (; runner.turn < runner.threads; runner.turn++) {
        const unsigned int thread = runner.turns[runner.turn];
        if (runner.states[thread] == State::READY) {
            runner.turn++;
            now.thread = static_cast<uint16_t>(thread);
            now.warp = static_cast<uint16_t>(thread / WARP_SIZE);
            now.lane = static_cast<uint16_t>(thread % WARP_SIZE);
            now.warp_time = runner.warps[now.warp].time;
            threadIdx = runner.indices[thread];
            return &runner.fibers[thread];
        }
    }
    return &runner.scheduler;
}

/* Returns when the current thread is ready again. */
void wait_as(State state) {
    Fiber *const self = &runner.fibers[now.thread];
    runner.states[now.thread] = state;
    fiber_switch(self, next_turn());
}

void run_thread() {
    fiber_entered();
    (*runner.kernel)();
    runner.states[now.thread] = State::GONE;
    fiber_leave(next_turn());
}

bool same_place(Place a, Place b) {
    return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

/* What another thread does instead of coming. */
std::string whereabouts(unsigned int thread) {
    if (thread >= runner.threads) {
        return "the block has no such thread";
    }
    switch (runner.states[thread]) {
    case State::GONE:
        return "thread " + text_of(runner.indices[thread]) + " has left the kernel";
    case State::AT_BARRIER:
        return "thread " + text_of(runner.indices[thread]) + " waits at the barrier in " +
               text_of(runner.waits[thread].place);
    default:
        return "thread " + text_of(runner.indices[thread]) + " waits for lanes in " +
               text_of(runner.waits[thread].place);
    }
}

int vote_of_block(BlockVote vote) {
    int count = 0;
    for (unsigned int thread = 0; thread < runner.threads; thread++) {
        count += runner.waits[thread].predicate != 0;
    }
    switch (vote) {
    case BlockVote::AND:
        return count == static_cast<int>(runner.threads);
    case BlockVote::OR:
        return count > 0;
    default:
        return count;
    }
}

/* A thread that waits for lanes of which one does not come, or comes for something else. */
void fail_if_lane_is_missed(unsigned int thread) {
    const Wait &wait = runner.waits[thread];
    const unsigned int first = thread / WARP_SIZE * WARP_SIZE;
    for (unsigned int lane = 0; lane < WARP_SIZE && !runner.failed; lane++) {
        const unsigned int other = first + lane;
        if ((wait.mask >> lane & 1) == 0) {
            continue;
        }
        const std::string named = text_of(wait.place) + ": lane " + std::to_string(lane) + " is named in the mask and ";
        if (other >= runner.threads || runner.states[other] != State::MEETING_LANES ||
            !same_place(runner.waits[other].place, wait.place)) {
            keep_failure_of(thread, named + "does not come: " + whereabouts(other));
        } else if (runner.waits[other].mask != wait.mask || runner.waits[other].action != wait.action) {
            keep_failure_of(thread, named + "comes with another mask or function");
        }
    }
}

void fail_if_barrier_is_missed(unsigned int at_barrier) {
    const Place place = runner.waits[at_barrier].place;
    for (unsigned int thread = 0; thread < runner.threads && !runner.failed; thread++) {
        if (runner.states[thread] != State::AT_BARRIER || !same_place(runner.waits[thread].place, place)) {
            keep_failure_of(at_barrier, text_of(place) +
                                            ": this barrier is not reached by the whole block: " + whereabouts(thread));
        }
    }
}

void open_barrier() {
    const uint64_t result = static_cast<uint64_t>(vote_of_block(runner.waits[0].vote));
    for (unsigned int thread = 0; thread < runner.threads; thread++) {
        runner.waits[thread].result = result;
        runner.states[thread] = State::READY;
    }
    now.epoch++;
    if (runner.order == MXSI_CPU_SHUFFLED) {
        put_in_order(&runner.turns, runner.threads);
    }
}

/* Nobody can run. Either all stand at one barrier, which then opens, or something is wrong: lanes that miss another are
 * named before barriers, because they may be why a barrier is not reached. */
void open_barrier_or_fail() {
    unsigned int at_barrier = 0;
    for (unsigned int thread = 0; thread < runner.threads && !runner.failed; thread++) {
        if (runner.states[thread] == State::MEETING_LANES) {
            fail_if_lane_is_missed(thread);
        } else if (runner.states[thread] == State::AT_BARRIER) {
            at_barrier = thread;
        }
    }
    if (!runner.failed) {
        fail_if_barrier_is_missed(at_barrier);
    }
    if (!runner.failed) {
        open_barrier();
    }
}

void begin_block() {
    now.epoch++;
    now.block_began = now.epoch;
    for (unsigned int thread = 0; thread < runner.threads; thread++) {
        fiber_prepare(&runner.fibers[thread], run_thread, thread, runner.abandoned);
        runner.states[thread] = State::READY;
    }
    for (Warp &warp : runner.warps) {
        warp.waiting = 0;
    }
    runner.abandoned = false;
    put_in_order(&runner.turns, runner.threads);
}

void run_block() {
    begin_block();
    for (;;) {
        runner.turn = 0;
        Fiber *const next = next_turn();
        if (next != &runner.scheduler) {
            now.running = true;
            fiber_switch(&runner.scheduler, next);
            now.running = false;
        } else {
            size_t gone = 0;
            for (unsigned int thread = 0; thread < runner.threads; thread++) {
                gone += runner.states[thread] == State::GONE;
            }
            if (gone == runner.threads) {
                return;
            }
            open_barrier_or_fail();
        }
        if (runner.failed) {
            runner.abandoned = true;
            return;
        }
    }
}

void prepare_threads(dim3 block) {
    runner.threads = block.x * block.y * block.z;
    runner.states.resize(runner.threads);
    runner.waits.resize(runner.threads);
    /* Their times go on from block to block. */
    runner.warps.resize(MAX_THREADS / WARP_SIZE);
    runner.indices.clear();
    for (unsigned int z = 0; z < block.z; z++) {
        for (unsigned int y = 0; y < block.y; y++) {
            for (unsigned int x = 0; x < block.x; x++) {
                runner.indices.push_back(make_uint3(x, y, z));
            }
        }
    }
    fibers_reserve(&runner.fibers, runner.threads);
    runner.scheduler = fiber_of_this_thread();
}

bool can_launch(dim3 grid, dim3 block) {
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    if (threads == 0 || threads > MAX_THREADS || block.z > 64) {
        keep_failure("launch: a block of " + std::to_string(threads) + " threads");
    } else if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > INT32_MAX || grid.y > 65535 || grid.z > 65535) {
        keep_failure("launch: a grid of " + text_of(make_uint3(grid.x, grid.y, grid.z)) + " blocks");
    }
    return !runner.failed;
}

}  // namespace

void fail_kernel(Place place, const char *format, ...) {
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (!now.running) {
        std::fprintf(stderr, "%s: %s\n", text_of(place).c_str(), what);
        std::abort();
    }
    keep_failure_of(now.thread, text_of(place) + ": " + what);
    fiber_switch(&runner.fibers[now.thread], &runner.scheduler);
    std::abort();
}

int sync_threads(BlockVote vote, int predicate, Place place) {
    Wait *const wait = &runner.waits[now.thread];
    wait->place = place;
    wait->vote = vote;
    wait->predicate = predicate;
    wait_as(State::AT_BARRIER);
    return static_cast<int>(wait->result);
}

bool ordered_by_syncwarp(unsigned int other_lane, uint32_t time) {
    return runner.warps[now.warp].synced[now.lane][other_lane] > time;
}

/* Every lane of the mask now knows what any of them knew, and what all did up to here. */
static void sync_memory(Warp *warp, unsigned int mask) {
    uint32_t known[WARP_SIZE] = {};
    warp->time++;
    now.warp_time = warp->time;
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        if ((mask >> lane & 1) != 0) {
            for (unsigned int other = 0; other < WARP_SIZE; other++) {
                known[other] = known[other] < warp->synced[lane][other] ? warp->synced[lane][other] : known[other];
            }
        }
    }
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        known[lane] = (mask >> lane & 1) != 0 ? warp->time : known[lane];
    }
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        if ((mask >> lane & 1) != 0) {
            std::memcpy(warp->synced[lane], known, sizeof known);
        }
    }
}

/* The lane from which a shuffle reads (PTX ISA, shfl.sync). */
static unsigned int shuffle_source(const Wait &wait, unsigned int lane) {
    const unsigned int width = static_cast<unsigned int>(wait.width);
    const unsigned int first = lane & ~(width - 1);
    const unsigned int last = first + width - 1;
    const unsigned int operand = wait.operand % WARP_SIZE;
    switch (wait.action) {
    case WarpAction::SHUFFLE_UP:
        return lane < first + operand ? lane : lane - operand;
    case WarpAction::SHUFFLE_DOWN:
        return lane + operand > last ? lane : lane + operand;
    case WarpAction::SHUFFLE_XOR:
        return (lane ^ operand) > last ? lane : lane ^ operand;
    default:
        return first + (operand & (width - 1));
    }
}

static uint64_t reduce_lanes(WarpAction action, const Wait *lanes, unsigned int mask) {
    uint64_t ballot = 0;
    uint64_t most = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        if ((mask >> lane & 1) != 0) {
            const uint64_t value = lanes[lane].value;
            ballot |= static_cast<uint64_t>(value != 0) << lane;
            most = most < value ? value : most;
            least = value < least ? value : least;
        }
    }
    switch (action) {
    case WarpAction::MAX:
        return most;
    case WarpAction::MIN:
        return least;
    case WarpAction::ALL:
        return ballot == mask;
    case WarpAction::ANY:
        return ballot != 0;
    default:
        return ballot;
    }
}

/* The current lane is the last to come: gives every lane its result. */
static void complete_meeting(Warp *warp, Wait *lanes, unsigned int mask) {
    const WarpAction action = lanes[now.lane].action;
    const bool shuffles = action >= WarpAction::SHUFFLE && action <= WarpAction::SHUFFLE_XOR;
    const uint64_t reduced = shuffles ? 0 : reduce_lanes(action, lanes, mask);
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        if ((mask >> lane & 1) == 0) {
            continue;
        }
        lanes[lane].result = reduced;
        if (shuffles) {
            const unsigned int source = shuffle_source(lanes[lane], lane);
            if ((mask >> source & 1) == 0) {
                fail_kernel(lanes[lane].place, "lane %u reads from lane %u, which is not in the mask %08x", lane,
                            source, mask);
            }
            lanes[lane].result = lanes[source].value;
        }
    }
    if (action == WarpAction::SYNC) {
        sync_memory(warp, mask);
    }
    for (unsigned int lane = 0; lane < WARP_SIZE; lane++) {
        if ((mask >> lane & 1) != 0) {
            runner.states[now.warp * WARP_SIZE + lane] = State::READY;
        }
    }
    warp->waiting &= ~mask;
}

uint64_t meet_lanes(WarpAction action, unsigned int mask, uint64_t value, unsigned int operand, int width,
                    Place place) {
    Warp *const warp = &runner.warps[now.warp];
    Wait *const lanes = &runner.waits[now.warp * WARP_SIZE];
    Wait *const own = &lanes[now.lane];
    if ((mask >> now.lane & 1) == 0) {
        fail_kernel(place, "the lane is not in its own mask %08x", mask);
    }
    if (width < 1 || width > static_cast<int>(WARP_SIZE) || (width & (width - 1)) != 0) {
        fail_kernel(place, "a shuffle of width %d", width);
    }
    *own = Wait{place, BlockVote::NONE, 0, action, mask, value, operand, width, 0};
    warp->waiting |= 1u << now.lane;
    bool complete = (warp->waiting & mask) == mask;
    for (unsigned int lane = 0; lane < WARP_SIZE && complete; lane++) {
        complete = (mask >> lane & 1) == 0 ||
                   (lanes[lane].mask == mask && lanes[lane].action == action && same_place(lanes[lane].place, place));
    }
    if (complete) {
        complete_meeting(warp, lanes, mask);
    } else {
        wait_as(State::MEETING_LANES);
    }
    return own->result;
}

size_t dynamic_shared_bytes() {
    return runner.dynamic_bytes;
}

uint32_t launch_number() {
    return runner.launches;
}

void run_grid(dim3 grid, dim3 block, size_t dynamic_bytes, const std::function<void()> &thread) {
    if (runner.launched) {
        std::fprintf(stderr, "a kernel launches a kernel\n");
        std::abort();
    }
    if (runner.failed || !can_launch(grid, block)) {
        return;
    }
    runner.launched = true;
    runner.launches++;
    runner.kernel = &thread;
    runner.dynamic_bytes = dynamic_bytes;
    gridDim = grid;
    blockDim = block;
    prepare_threads(block);

    std::vector<unsigned int> columns;
    for (unsigned int row = 0; row < grid.y * grid.z && !runner.failed; row++) {
        put_in_order(&columns, grid.x);
        for (size_t i = 0; i < columns.size() && !runner.failed; i++) {
            blockIdx = make_uint3(columns[i], row % grid.y, row / grid.y);
            run_block();
        }
    }
    runner.launched = false;
}

}  // namespace mxsi_cpu

void mxsi_cpu_set_order(enum mxsi_cpu_order order, uint64_t seed) {
    mxsi_cpu::runner.order = order;
    mxsi_cpu::runner.random = seed;
}

void mxsi_cpu_record_failures(void) {
    mxsi_cpu::runner.record = true;
    mxsi_cpu::runner.failed = false;
    mxsi_cpu::runner.failure.clear();
}

const char *mxsi_cpu_failures(void) {
    return mxsi_cpu::runner.failure.c_str();
}
