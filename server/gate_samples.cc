#include "server/gate_samples.h"

#include <string>

namespace lmp::server {

void AddGate(const Gate& gate, const Reloads& reloads, Samples& samples) {
  for (const auto& [by, count] : gate.LetIn()) {
    AddSample(samples, "lmp_callers_let_in_total",
              "Calls whose caller is known and may make them, by what told who it is", {{"by", std::string(by)}},
              count);
  }
  for (const auto& [reason, count] : gate.Refused()) {
    AddSample(samples, "lmp_callers_refused_total", "Calls that were refused before their request was read, by reason",
              {{"reason", reason}}, count);
  }
  reloads.AddTo(samples);
}

}  // namespace lmp::server
