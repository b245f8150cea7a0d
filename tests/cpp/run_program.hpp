// SPDX-License-Identifier: Apache-2.0
// Starts a program as a user would and tells what it did.
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace makespan {

/// How a program ended and what it wrote.
struct Outcome {
  int exit_code = -1;  ///< -1: it did not exit
  int signal = 0;      ///< that ended it
  std::string out, err;
};

/// A running program in a process group of its own. Ended and reaped in the destructor if it still runs.
class Program {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  /// `command`: file and arguments. `variables` are added to the environment.
  explicit Program(const std::vector<std::string>& command, const Variables& variables = {})
      : out_(memfd_create("out", 0)), err_(memfd_create("err", 0)), id_(fork()) {
    if (id_ == 0) execute(command, variables);
    setpgid(id_, id_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (id_ > 0) {
      send(SIGKILL);
      waitpid(id_, nullptr, 0);
    }
    close(out_);
    close(err_);
  }

  [[nodiscard]] pid_t id() const { return id_; }
  void send(int signal) const { kill(id_, signal); }
  /// What it has written to stdout so far.
  [[nodiscard]] std::string out() const { return content(out_); }

  /// Waits for its end. A program that hangs is killed after three minutes: outcome signal 9.
  Outcome wait() {
    int status = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    while (waitpid(id_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) send(SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    id_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0, content(out_), content(err_)};
  }

 private:
  [[noreturn]] void execute(const std::vector<std::string>& command, const Variables& variables) const {
    setpgid(0, 0);
    dup2(out_, STDOUT_FILENO);
    dup2(err_, STDERR_FILENO);
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }

  static std::string content(int descriptor) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t got = 0; (got = pread(descriptor, buffer.data(), buffer.size(), static_cast<off_t>(text.size()))) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
  }

  int out_, err_;
  pid_t id_;
};

/// Runs a program to its end.
[[nodiscard]] inline Outcome run_program(const std::vector<std::string>& command, const Program::Variables& variables = {}) {
  return Program(command, variables).wait();
}

/// Path and arguments of a benchmark binary of this build.
[[nodiscard]] inline std::vector<std::string> bench(std::string_view workload, const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> command{std::string(MAKESPAN_BIN_DIR)};
  command[0].append("/bench_").append(workload);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace makespan
