// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace makespan {

// Moves everything that is allocated from now on by a random distance, a multiple of 16 bytes below a page. To be called once, first of
// all. How objects lie to cache lines otherwise hangs on the lengths of what was allocated before, so on the lengths of the arguments, and
// is the same in every launch: equal programs then differ by per cents that no repetition shows. Drawn anew in each launch it is noise like
// any other. Found by Mytkowicz et al., "Producing Wrong Data Without Doing Anything Obviously Wrong!", ASPLOS 2009; the remedy is that
// of Curtsinger and Berger, "Stabilizer", ASPLOS 2013.
void draw_heap_layout();

}  // namespace makespan
