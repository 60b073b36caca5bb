// What CheckLicense depends on, of one row: for programs that answer for themselves (WatchLicenses).
#ifndef LMP_SERVER_WIRE_LICENSE_FACT_H_
#define LMP_SERVER_WIRE_LICENSE_FACT_H_

#include "lmp/v1/watch_licenses.pb.h"
#include "storage/model/event.h"

namespace lmp::wire {

// The fact after this event; nothing is set in it if no answer depends on the row. What can't be read becomes
// `unknown`.
v1::LicenseFact FactOf(const model::Event& event);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_FACT_H_
