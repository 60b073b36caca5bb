// What this test found in the server and nobody has mended yet. Each is tolerated where it shows, and nowhere else, so that
// the test goes on and finds the next. Mended: make it false, see the test pass, and take it out.
#ifndef LMP_TESTS_RANDOM_OPEN_FINDINGS_H_
#define LMP_TESTS_RANDOM_OPEN_FINDINGS_H_

namespace lmp::random_test {

// `changes` of a preview gives every row the verb's event_kind, also rows that only time changed (their events say
// LICENSE_ENDED, SUBSCRIPTION_RENEWED, …): wire::AddChanges has one kind for all.
inline constexpr bool kPreviewKindOfTime = true;

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_OPEN_FINDINGS_H_
