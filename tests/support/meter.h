// The sections of a call, told to whoever measures them: instructions, allocations. Ours and nothing else: what waits,
// or stands in for the database, is outside.
#ifndef LMP_TESTS_SUPPORT_METER_H_
#define LMP_TESTS_SUPPORT_METER_H_

namespace lmp::testing {

enum class Section {
  kOutside,
  kParse,   // bytes → command, and what the engine needs to know of it
  kLoad,    // statements, and what the database gave → rows
  kDecide,  // rows → changed rows, events and the bytes of the answer; of a read: rows → the bytes of the answer
  kStore,  // changed rows, events and the answer → statements; from the first one on, whose making is kDecide's still
};
inline constexpr int kSections = 5;

// One call at a time; its sections may be on different threads, each on one.
class Meter {
 public:
  virtual ~Meter() = default;

  Section section() const { return section_; }
  void Enter(Section section) {
    if (section == section_) return;
    if (section_ != Section::kOutside) Leave(section_);
    section_ = section;
    if (section_ != Section::kOutside) Begin(section_);
  }

  // Out of the section and, at its end, in it again.
  class Pause final {
   public:
    explicit Pause(Meter& meter) : meter_(meter), section_(meter.section()) { meter.Enter(Section::kOutside); }
    ~Pause() { meter_.Enter(section_); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Meter& meter_;
    const Section section_;
  };

 private:
  // On the thread that is in the section.
  virtual void Begin(Section section) = 0;
  virtual void Leave(Section section) = 0;

  Section section_ = Section::kOutside;
};

}  // namespace lmp::testing

#endif  // LMP_TESTS_SUPPORT_METER_H_
