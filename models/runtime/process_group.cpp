// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/process_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_memory.hpp"

namespace makespan {
namespace {

struct Complaint {  // of the first child whose body threw
  std::atomic<std::uint32_t> claimed;
  char text[256];
};

void run_body(const std::function<void(std::uint64_t)>& body, std::uint64_t index, Complaint& complaint) {
  try {
    body(index);
  } catch (const std::exception& error) {
    if (complaint.claimed.exchange(1) == 0) {
      const std::size_t length = std::min(std::strlen(error.what()), sizeof(complaint.text) - 1);
      std::memcpy(complaint.text, error.what(), length);
    }
    throw;
  }
}

Process start(std::uint64_t index, std::uint64_t count, const char* role, const std::function<void(std::uint64_t)>& body,
              Complaint& complaint) {
  try {
    return Process::start([&] { run_body(body, index, complaint); });
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), fmt::format("fork of {} {} of {}", role, index + 1, count));
  }
}

}  // namespace

void run_in_processes(std::uint64_t count, const char* role, const std::function<void(std::uint64_t)>& body) {
  const SharedArray<Complaint> complaint(1);
  std::vector<Process> children;
  children.reserve(count);
  for (std::uint64_t index = 0; index < count; ++index) children.push_back(start(index, count, role, body, complaint[0]));
  for (Process& child : children) {
    const pid_t id = child.id();
    const ExitStatus status = child.wait();
    if (status.ok()) continue;
    if (status.signal == 0 && complaint[0].claimed.load() != 0)
      throw std::runtime_error(fmt::format("{} (process {}): {}", role, id, complaint[0].text));
    throw ProcessDied(role, id, status);
  }
}

}  // namespace makespan
