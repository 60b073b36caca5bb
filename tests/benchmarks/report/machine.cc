#include "tests/benchmarks/report/machine.h"

#include <grpcpp/grpcpp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lmp::bench {
namespace {

// What follows `label` and a colon in a file of /proc.
std::string LineOf(const char* path, const std::string& label) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(label, 0) == 0) return line.substr(std::min(line.size(), line.find(':') + 2));
  }
  return "unknown";
}

std::string DatabaseVersion(storage::Connection& connection) {
  const auto rows = connection.Query("SELECT VERSION()", {});
  return rows.ok() && (*rows)->Next() ? (*rows)->String(0) : "unknown";
}

}  // namespace

Machine DescribeMachine(storage::Connection& connection) {
  utsname system{};
  uname(&system);
  double busy = 0;  // runnable threads of whoever, over the last minute
  getloadavg(&busy, 1);
  const double bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {
      {"date", absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::Now(), absl::UTCTimeZone())},
      {"cpu", LineOf("/proc/cpuinfo", "model name")},
      {"cores", absl::StrCat(std::thread::hardware_concurrency())},
      {"memory", absl::StrCat(static_cast<int>(bytes / (1 << 30) + 0.5), " GB")},
      {"kernel", absl::StrCat(system.sysname, " ", system.release, " ", system.machine)},
      {"database", DatabaseVersion(connection)},
      {"grpc", grpc::Version()},
      {"compiler", __VERSION__},
      {"load average before", absl::StrFormat("%.2f", busy)},
  };
}

}  // namespace lmp::bench
