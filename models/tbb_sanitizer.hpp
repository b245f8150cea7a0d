// SPDX-License-Identifier: Apache-2.0
// To be included by whatever uses oneTBB: makes the thread sanitizer pass over what it cannot know.
#pragma once

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
// The system's oneTBB is not instrumented, so the sanitizer does not see that it hands a task or a value over safely. The second
// pattern is for the headers that we compile: the sanitizer keeps no endless history, and where it has lost the stack of the
// earlier access, no frame names the library. Weak, as several files of a program may include this.
extern "C" const char* __tsan_default_suppressions();
extern "C" [[gnu::weak]] const char* __tsan_default_suppressions() {
  return "race:libtbb.so\n"
         "race:/oneapi/tbb/\n"
         "race:tbb::detail::d2::micro_queue\n"  // these two: for a build without line tables
         "race:tbb::detail::d2::concurrent_bounded_queue\n";
}
#endif
