/* Semaphores as a lock, as a count of work, as a limit of two, and as a queue whose readers wake each other. */
#include <semaphore.h>
#include <stdatomic.h>

#include "truth.h"

static sem_t guard, jobs, permits, turn;
static atomic_int left = 200;
static _Atomic uint64_t wait_ns;

static void *take_lock(void *unused) {
  while (left-- > 0) {
    uint64_t began = now();
    sem_wait(&guard);
    wait_ns += now() - began;
    usleep(2000);
    sem_post(&guard);
  }
  return unused;
}

static void *take_permit(void *unused) {
  for (int i = 0; i < 50; i++) {
    sem_wait(&permits);
    usleep(2000);
    sem_post(&permits);
  }
  return unused;
}

static void *do_jobs(void *unused) {
  for (int i = 0; i < 25; i++) sem_wait(&jobs);
  return unused;
}

static void announce_jobs(void) { sem_post(&jobs); }

/* As Python's SimpleQueue: who finds nothing takes the turn and waits for it, what it may have already, and who was woken wakes the next. */
static pthread_mutex_t queue = PTHREAD_MUTEX_INITIALIZER;
static int items, is_taken;

static void *read_queue(void *unused) {
  for (int i = 0; i < 25; i++) {
    pthread_mutex_lock(&queue);
    while (items == 0) {
      if (sem_trywait(&turn) != 0) {
        pthread_mutex_unlock(&queue);
        sem_wait(&turn);
        pthread_mutex_lock(&queue);
      }
      is_taken = 1;
    }
    items--;
    if (is_taken) sem_post(&turn);
    is_taken = 0;
    pthread_mutex_unlock(&queue);
  }
  return unused;
}

static void write_queue(void) {
  pthread_mutex_lock(&queue);
  items++;
  if (is_taken) sem_post(&turn);
  is_taken = 0;
  pthread_mutex_unlock(&queue);
}

static void run(void *(*role)(void *), int threads, void (*announce)(void)) {
  pthread_t all[8];
  for (int i = 0; i < threads; i++) pthread_create(&all[i], NULL, role, NULL);
  for (int i = 0; announce && i < 25 * threads; i++) {
    usleep(2000);
    announce();
  }
  for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
}

int main(void) {
  sem_init(&guard, 0, 1);
  sem_init(&jobs, 0, 0);
  sem_init(&permits, 0, 2);
  sem_init(&turn, 0, 1);
  run(take_lock, 8, NULL);
  run(do_jobs, 4, announce_jobs);
  run(take_permit, 8, NULL);
  run(read_queue, 4, write_queue);
  printf("TRUTH {\"wait_ns\":%lu,\"guard\":%lu,\"jobs\":%lu,\"permits\":%lu,\"turn\":%lu}\n", (unsigned long)wait_ns, (unsigned long)&guard,
         (unsigned long)&jobs, (unsigned long)&permits, (unsigned long)&turn);
}
