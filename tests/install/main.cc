// A user's first program: a queue, one message there and back.
#include <cstdio>

#include "skybox/cloud.h"
#include "skybox/sqs.h"

int main() {
  skybox::Cloud cloud;
  const skybox::sqs::Client sqs = cloud.sqs();
  const auto queue = sqs.CreateQueue({.queue_name = "orders"});
  if (!queue.ok()) {
    return 1;
  }
  const std::string url = queue->queue_url;
  if (!sqs.SendMessage({.queue_url = url, .message_body = "one"}).ok()) {
    return 1;
  }
  const auto received = sqs.ReceiveMessage({.queue_url = url});
  if (!received.ok() || received->messages.size() != 1) {
    return 1;
  }
  const std::string body(received->messages[0].body.view());
  std::puts(body.c_str());
  return body == "one" ? 0 : 1;
}
