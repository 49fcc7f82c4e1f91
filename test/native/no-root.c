/* A child that is root no more waits for a lock; so does the program that another such child becomes. */
#include <sys/wait.h>

#include "truth.h"

#define NOBODY 65534

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

static void drop_root(void) {
  if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) _exit(1);
}

int main(int count, char **arguments) {
  if (count > 1) {
    contend();
    return 0;
  }
  pid_t forked = fork();
  if (forked == 0) {
    drop_root();
    contend();
    _exit(0);
  }
  pid_t another = fork();
  if (another == 0) {
    drop_root();
    execl(arguments[0], arguments[0], "again", NULL);
    _exit(1);
  }
  waitpid(forked, NULL, 0);
  waitpid(another, NULL, 0);
  printf("TRUTH {\"forked\":%d,\"became\":%d}\n", forked, another);
}
