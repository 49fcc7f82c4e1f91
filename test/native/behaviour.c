/* What programs do with locks and processes at the edges; prints each outcome, which must be the same under the agent. */
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <poll.h>
#include <sys/wait.h>

#include "truth.h"

static pthread_mutex_t early = PTHREAD_MUTEX_INITIALIZER;
static int early_result = -1;
static sem_t semaphore;
static pthread_mutex_t mutex;
static volatile sig_atomic_t handled;

__attribute__((constructor(101))) static void lock_early(void) {
  early_result = pthread_mutex_lock(&early);
  pthread_mutex_unlock(&early);
}

static void *lock_and_die(void *unused) {
  pthread_mutex_lock(&mutex);
  return unused;
}

static void *hold_for_20ms(void *unused) {
  pthread_mutex_lock(&mutex);
  usleep(20000);
  pthread_mutex_unlock(&mutex);
  return unused;
}

static void init(int type, int robust, int protocol) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  if (robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (protocol) pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&mutex, &attributes);
}

static void contended(const char *name) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold_for_20ms, NULL);
  usleep(5000);
  int locked = pthread_mutex_lock(&mutex), again = pthread_mutex_trylock(&mutex);
  int unlocked = pthread_mutex_unlock(&mutex);
  printf("%s: %d, again %d, unlock %d\n", name, locked, again, unlocked);
  pthread_join(holder, NULL);
}

static void *wait_for_semaphore(void *unused) {
  sem_wait(&semaphore);
  return unused;
}

static void *take_and_give_semaphore(void *unused) {
  sem_t positive;
  sem_init(&positive, 0, 1);
  for (;;) {
    sem_wait(&positive);
    sem_post(&positive);
  }
  return unused;
}

static void *wait_in_poll(void *unused) {
  poll(NULL, 0, -1);
  return unused;
}

static void cancel(const char *name, void *(*wait)(void *)) {
  pthread_t thread;
  void *value = NULL;
  pthread_create(&thread, NULL, wait, NULL);
  usleep(5000);
  pthread_cancel(thread);
  int joined = pthread_join(thread, &value);
  printf("cancel in %s: %d, %s\n", name, joined, value == PTHREAD_CANCELED ? "cancelled" : "not");
  fflush(stdout);
}

static void on_signal(int number) {
  (void)number;
  int error = errno;
  sem_post(&semaphore);
  handled++;
  errno = error;
}

static int in_child(int (*what)(void)) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) _exit(what());
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The child of a fork may use threads and locks as its parent does. */
static int contend_in_child(void) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold_for_20ms, NULL);
  usleep(5000);
  int locked = pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  pthread_join(holder, NULL);
  return locked == 0 ? 7 : 1;
}

static int exec_in_child(void) {
  execl("/bin/sh", "sh", "-c", "exit 9", NULL);
  return 1;
}

static void say(const char *name, int result) {
  printf("%s: %d\n", name, result);
  fflush(stdout);
}

int main(void) {
  pthread_t thread;
  say("early", early_result);
  init(PTHREAD_MUTEX_RECURSIVE, 0, 0);
  say("recursive", pthread_mutex_lock(&mutex));
  say("recursive again", pthread_mutex_lock(&mutex));
  say("unlock", pthread_mutex_unlock(&mutex));
  say("unlock", pthread_mutex_unlock(&mutex));
  say("unlock once more", pthread_mutex_unlock(&mutex) == EPERM);
  init(PTHREAD_MUTEX_ERRORCHECK, 0, 0);
  say("errorcheck", pthread_mutex_lock(&mutex));
  say("errorcheck again", pthread_mutex_lock(&mutex) == EDEADLK);
  say("unlock", pthread_mutex_unlock(&mutex));
  say("unlock once more", pthread_mutex_unlock(&mutex) == EPERM);
  init(PTHREAD_MUTEX_NORMAL, 1, 0);
  pthread_create(&thread, NULL, lock_and_die, NULL);
  pthread_join(thread, NULL);
  say("robust", pthread_mutex_lock(&mutex) == EOWNERDEAD);
  say("consistent", pthread_mutex_consistent(&mutex));
  say("unlock", pthread_mutex_unlock(&mutex));
  init(PTHREAD_MUTEX_NORMAL, 0, 1);
  contended("inheriting");
  init(PTHREAD_MUTEX_NORMAL, 0, 0);
  contended("normal");
  struct timespec past = {1, 0};
  pthread_mutex_lock(&mutex);
  say("timed", pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT);
  pthread_mutex_unlock(&mutex);
  pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
  say("read", pthread_rwlock_rdlock(&shared));
  say("read again", pthread_rwlock_rdlock(&shared));
  say("write", pthread_rwlock_timedwrlock(&shared, &past) == ETIMEDOUT);
  pthread_rwlock_unlock(&shared);
  pthread_rwlock_unlock(&shared);
  say("write", pthread_rwlock_wrlock(&shared));
#ifdef __GLIBC__ /* elsewhere that waits for ever */
  say("write again", pthread_rwlock_wrlock(&shared) == EDEADLK);
#endif
  sem_init(&semaphore, 0, 0);
  cancel("sem_wait", wait_for_semaphore);
  cancel("sem_wait without a wait", take_and_give_semaphore);
  cancel("poll", wait_in_poll);
  errno = 0;
  say("semaphore", sem_timedwait(&semaphore, &past));
  say("its error", errno == ETIMEDOUT);
  signal(SIGALRM, on_signal);
  ualarm(10000, 0);
  while (sem_wait(&semaphore) != 0) {
  }
  say("signal", handled);
  void *library = dlopen("libm.so.6", RTLD_NOW);
  say("dlopen", library != NULL);
  say("dlclose", library ? dlclose(library) : 0);
  say("fork", in_child(contend_in_child));
  say("exec", in_child(exec_in_child));
}
