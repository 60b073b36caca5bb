// Metrics of who was let in and who was not.
#ifndef LMP_SERVER_GATE_SAMPLES_H_
#define LMP_SERVER_GATE_SAMPLES_H_

#include "server/reloads.h"
#include "server/samples.h"
#include "server/services/gate.h"

namespace lmp::server {

void AddGate(const Gate& gate, const Reloads& reloads, Samples& samples);

}  // namespace lmp::server

#endif  // LMP_SERVER_GATE_SAMPLES_H_
