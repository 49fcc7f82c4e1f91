/* Forbids itself, by prctl or by syscall, what it doesn't need to go on with threads, locks and forks; what is forbidden kills. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "truth.h"

#define KILL_ON(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *hold(void *unused) {
  pthread_mutex_lock(&lock);
  usleep(20000);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void contend(void) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold, NULL);
  usleep(5000);
  pthread_mutex_lock(&lock);
  pthread_mutex_unlock(&lock);
  pthread_join(holder, NULL);
}

static void *contend_too(void *unused) {
  contend();
  return unused;
}

int main(int count, char **arguments) {
  (void)arguments;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      KILL_ON(__NR_openat), KILL_ON(__NR_gettid), KILL_ON(__NR_getpid), KILL_ON(__NR_process_vm_readv),
      KILL_ON(__NR_prlimit64), KILL_ON(__NR_ftruncate), KILL_ON(__NR_fallocate), KILL_ON(__NR_unlinkat),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int failed = count > 1 ? (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)
                         : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  contend();
  pthread_t thread;
  pthread_create(&thread, NULL, contend_too, NULL);
  pthread_join(thread, NULL);
  int status = -1;
  pid_t child = fork();
  if (child == 0) {
    contend();
    _exit(7);
  }
  waitpid(child, &status, 0);
  printf("TRUTH {\"failed\":%d,\"waits\":2,\"child\":%d}\n", failed, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}
