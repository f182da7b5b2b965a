// Stopping a running script. No count hook is installed while all is well: any hook makes compute-bound Lua twice as slow.
// Instead a signal, delivered to the thread that runs Lua, arms one for the coroutine that is running.
#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

_Thread_local rl_context *volatile rl_current;

void rl_raise_interrupt(lua_State *lua) {
  switch (rl_context_of(lua)->interrupt) {
    case RL_DEADLINE: luaL_error(lua, "time limit reached");
    case RL_INSTRUCTIONS: luaL_error(lua, "instruction limit reached");
    case RL_HELD: luaL_error(lua, "held up other runs");
    default: luaL_error(lua, "stopped");
  }
  __builtin_unreachable();
}

static void count_hook(lua_State *lua, lua_Debug *event);

// Back to what is installed while all is well: nothing, or a hook that counts instructions or lines.
static void disarm_hook(lua_State *lua) {
  if (rl_context_of(lua)->counts_instructions) {
    lua_sethook(lua, count_hook, LUA_MASKCOUNT, RL_INSTRUCTION_STEP);
  } else if (rl_context_of(lua)->coverage != NULL) {
    rl_hook_lines(lua);
  } else {
    lua_sethook(lua, NULL, 0, 0);
  }
}

// Suspends the running coroutine, and with it the whole task, unless C functions are under way that cannot be suspended.
static void preempt(lua_State *lua, rl_context *context, lua_Debug *event) {
  if (event->event != LUA_HOOKCOUNT) return;  // Lua lets a hook yield at an instruction only
  context->is_preempting = 0;
  disarm_hook(lua);
  if (!rl_can_suspend(lua)) return;
  context->is_preempted = true;
  lua_getinfo(lua, "l", event);
  context->preempted_thread = lua;
  context->preempted_line = event->currentline;
  context->suspending = true;
  context->suspended_count++;
  lua_yield(lua, 0);
}

static void interrupt_hook(lua_State *lua, lua_Debug *event) {
  rl_context *context = rl_context_of(lua);
  if (event->event == LUA_HOOKLINE) {
    rl_note_line(lua, event);
    return;
  }
  if (context->interrupt == RL_NOT_INTERRUPTED) {
    if (context->is_preempting) {
      preempt(lua, context, event);
    } else {
      disarm_hook(lua);
    }
    return;
  }
  // Every frame further out trips again on its next instruction, so a pcall cannot swallow the interrupt.
  lua_sethook(lua, interrupt_hook, LUA_MASKCOUNT, 1);
  rl_raise_interrupt(lua);
}

static void arm_hook(lua_State *lua) {
  // No line must be missed meanwhile when they are counted.
  int lines = rl_context_of(lua)->coverage != NULL ? LUA_MASKLINE : 0;
  lua_sethook(lua, interrupt_hook, LUA_MASKCOUNT | LUA_MASKCALL | LUA_MASKRET | lines, 1);
}

static void count_hook(lua_State *lua, lua_Debug *event) {
  (void)event;
  rl_context *context = rl_context_of(lua);
  context->instructions_left -= RL_INSTRUCTION_STEP;
  if (context->instructions_left > 0) return;
  if (context->interrupt == RL_NOT_INTERRUPTED) context->interrupt = RL_INSTRUCTIONS;
  arm_hook(lua);
  rl_raise_interrupt(lua);
}

void rl_limit_instructions(rl_context *context, int64_t count) {
  context->instructions_left = count;
  context->counts_instructions = true;
  disarm_hook(context->main);
}

int64_t rl_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_stop_requested(const rl_context *context) {
  return __atomic_load_n(&context->stop_requested, __ATOMIC_RELAXED) != 0;
}

void rl_request_stop(rl_context *context) { __atomic_store_n(&context->stop_requested, 1, __ATOMIC_RELAXED); }

static void check_requests(rl_context *context) {
  if (context->interrupt != RL_NOT_INTERRUPTED) return;
  if (is_stop_requested(context)) {
    context->interrupt = RL_STOP_REQUESTED;
  } else if (context->deadline_nanoseconds != 0 && rl_monotonic_nanoseconds() >= context->deadline_nanoseconds) {
    context->interrupt = RL_DEADLINE;
  }
}

void rl_enter(rl_context *context, lua_State *lua) {
  context->running = lua;
  __asm__ volatile("" ::: "memory");
  if (context->deadline_nanoseconds != 0 || is_stop_requested(context)) check_requests(context);
  if (__builtin_expect((context->interrupt | context->is_preempting) != 0, 0)) arm_hook(lua);
}

// Safe in a signal handler that runs on the context's own thread.
void rl_interrupt(rl_context *context, int reason) {
  if (context->interrupt == RL_NOT_INTERRUPTED) context->interrupt = reason;
  if (context->running != NULL) arm_hook((lua_State *)context->running);
}

// --- the deadline and the ticks: one POSIX timer per thread, sent to that thread

#define DEADLINE_SIGNAL SIGUSR2

static void count_tick(rl_context *context) {
  context->ticks++;
  if (context->interrupt != RL_NOT_INTERRUPTED) return;
  if (context->held_ticks != 0 && context->ticks > context->held_ticks) {
    context->interrupt = RL_HELD;
    return;
  }
  context->is_preempting = 1;
  if (context->running != NULL) arm_hook((lua_State *)context->running);
}

static void on_deadline_signal(int signal_number) {
  (void)signal_number;
  int saved_errno = errno;
  for (rl_context *context = rl_current; context != NULL; context = context->caller) {
    check_requests(context);
    if (context->is_preemptible) count_tick(context);
    if (context->interrupt != RL_NOT_INTERRUPTED) rl_interrupt(context, context->interrupt);
  }
  errno = saved_errno;
}

static int install_handler(int signal_number, void (*handler)(int), int flags) {
  struct sigaction action = {0};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  return sigaction(signal_number, &action, NULL);
}

// Threads of Dispatch and of Swift concurrency, and the children that they start, begin with all signals blocked.
static void unblock(int signal_number) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, signal_number);
  pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int rl_interrupts_install(void) { return install_handler(DEADLINE_SIGNAL, on_deadline_signal, SA_RESTART); }

static _Thread_local timer_t deadline_timer;
static _Thread_local bool has_deadline_timer;

static bool make_deadline_timer(void) {
  if (has_deadline_timer) return true;
  unblock(DEADLINE_SIGNAL);
  struct sigevent event = {0};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = DEADLINE_SIGNAL;
  event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
  has_deadline_timer = timer_create(CLOCK_MONOTONIC, &event, &deadline_timer) == 0;
  return has_deadline_timer;
}

void rl_set_deadline(rl_context *context, int64_t deadline_nanoseconds) {
  context->deadline_nanoseconds = deadline_nanoseconds;
  if (deadline_nanoseconds == 0 && !has_deadline_timer) return;
  if (!make_deadline_timer()) return;  // rl_enter still looks at the clock on every entry
  struct itimerspec due = {0};
  due.it_value.tv_sec = deadline_nanoseconds / 1000000000;
  due.it_value.tv_nsec = deadline_nanoseconds % 1000000000;
  timer_settime(deadline_timer, TIMER_ABSTIME, &due, NULL);
}

void rl_set_ticks(int64_t interval_nanoseconds) {
  if (interval_nanoseconds == 0 && !has_deadline_timer) return;
  if (!make_deadline_timer()) return;
  struct timespec interval = {interval_nanoseconds / 1000000000, interval_nanoseconds % 1000000000};
  struct itimerspec due = {interval, interval};
  timer_settime(deadline_timer, 0, &due, NULL);
}

// --- the stop signal (Ctrl-C): counted, and passed on to the thread that installed it

static pthread_t stop_thread;
static volatile sig_atomic_t stop_count;
static volatile sig_atomic_t stop_ends_process = 1;

static void on_stop_signal(int signal_number) {
  int saved_errno = errno;
  if (!pthread_equal(pthread_self(), stop_thread)) {
    pthread_kill(stop_thread, signal_number);
  } else {
    if (++stop_count >= 2 && stop_ends_process) _exit(128 + signal_number);
    // A state that was entered from a host function serves the outermost one: let it finish.
    rl_context *outermost = rl_current;
    while (outermost != NULL && outermost->caller != NULL) outermost = outermost->caller;
    if (outermost != NULL) rl_interrupt(outermost, RL_STOP_REQUESTED);
  }
  errno = saved_errno;
}

int rl_stop_signal_install(int signal_number) {
  stop_thread = pthread_self();
  unblock(signal_number);
  return install_handler(signal_number, on_stop_signal, 0);
}

int rl_stop_signal_count(void) { return stop_count; }
void rl_stop_signal_reset(void) { stop_count = 0; }
void rl_stop_signal_keep_process(void) { stop_ends_process = 0; }
