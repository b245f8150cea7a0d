// SPDX-License-Identifier: Apache-2.0
// A system that refuses processes and threads.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace makespan {

/// From now on this cell and its descendants may be no more than `limit` processes and threads together. Root knows no
/// such limit, so it becomes a user that nobody else is; any other user is refused at once.
inline void allow_processes(rlim_t limit) {
  const bool root = geteuid() == 0;
  const auto user = static_cast<uid_t>(100'000 + getpid());
  if (root && setresuid(user, user, user) != 0) throw std::system_error(errno, std::generic_category(), "setresuid");
  prctl(PR_SET_DUMPABLE, 1);  // or /proc/self stays root's
  const rlimit allowed{root ? limit : 1, root ? limit : 1};
  if (setrlimit(RLIMIT_NPROC, &allowed) != 0) throw std::system_error(errno, std::generic_category(), "setrlimit");
}

}  // namespace makespan
