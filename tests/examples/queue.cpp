// SPDX-License-Identifier: Apache-2.0
// Orders from one process to another, through a queue in shared memory.
#include <fmt/format.h>

#include <cstdio>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_queue.hpp"

using namespace makespan;

struct Order {
  int number;
  char item[16];
};

int main() {
  SharedQueue<Order> queue(8);
  Process kitchen = Process::start([&] {
    for (Order order; queue.pop(order) == PopStatus::value;) fmt::print("order {}: {}\n", order.number, order.item);
    std::fflush(stdout);
  });
  const Attachment watched = queue.watch_consumer(kitchen.id());  // if it dies, push() says so instead of waiting for ever
  for (int number = 1; number <= 3; ++number) queue.push({number, "coffee"});
  queue.close();  // what was put before still arrives
  return kitchen.wait().ok() ? 0 : 1;
}
