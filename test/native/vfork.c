/* Answers a request after a child of vfork has closed what it does not need. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "truth.h"

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  char byte = 0;
  int listening = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  bind(listening, (struct sockaddr *)&address, sizeof address);
  listen(listening, 1);
  getsockname(listening, (struct sockaddr *)&address, &length);
  connect(client, (struct sockaddr *)&address, sizeof address);
  if (write(client, &byte, 1) != 1) return 1;
  int served = accept(listening, NULL, NULL);
  if (read(served, &byte, 1) != 1) return 1;
  pid_t child = vfork();
  if (child == 0) {
    close(served);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  if (write(served, &byte, 1) != 1) return 1;
  printf("TRUTH {\"requests\":1}\n");
}
