// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/grep.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "benchmarks/harness/quantity.hpp"
#include "models/runtime/descriptor.hpp"
#include "models/runtime/process.hpp"

namespace makespan {
namespace {

constexpr int no_such_program = 127;

// Exit codes of grep: 0 some line matches, 1 none does.
[[noreturn]] void become_grep(const std::string& pattern, int text, int answer) {
  dup2(text, STDIN_FILENO);
  dup2(answer, STDOUT_FILENO);
  setenv("LC_ALL", "C", 1);
  execlp("grep", "grep", "-c", "-F", "-e", pattern.c_str(), static_cast<char*>(nullptr));
  _exit(no_such_program);
}

std::string read_all(int descriptor) {
  std::string text;
  char bytes[64];
  for (ssize_t got = 0; (got = read(descriptor, bytes, sizeof(bytes))) != 0;) {
    if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "read of grep's answer");
  }
  return text;
}

}  // namespace

std::optional<std::uint64_t> count_with_grep(const std::string& pattern, const std::function<void(int)>& write_text) {
  const Descriptor text(memfd_create("text", MFD_CLOEXEC));
  if (!text.open()) throw std::system_error(errno, std::generic_category(), "memfd_create");
  write_text(text.number());
  lseek(text.number(), 0, SEEK_SET);
  DescriptorPair answer = make_pipe();
  Process grep = Process::start([&] { become_grep(pattern, text.number(), answer.in.number()); });
  answer.in.close();
  std::string said = read_all(answer.out.number());
  const ExitStatus status = grep.wait();
  if (status.code == no_such_program) return std::nullopt;
  if (!said.empty() && said.back() == '\n') said.pop_back();
  const std::optional<std::uint64_t> count = parse_count(said);
  if (status.signal != 0 || status.code > 1 || !count)
    throw std::runtime_error(fmt::format("grep ended with {} and said '{}'", status.text(), said));
  return count;
}

}  // namespace makespan
