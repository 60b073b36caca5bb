#include "tests/benchmarks/scenarios/observing.h"

#include <algorithm>
#include <deque>
#include <iomanip>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"

namespace lmp::bench {
namespace {

struct Form {
  std::string name;
  std::vector<std::string> arguments;
  ServerProcess server = {};
  Stubs stubs = {};
  std::vector<double> rates = {};   // calls a second, of each round
  std::vector<double> ratios = {};  // to the first form's of the same round
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::deque<Form> Forms(int echo_port) {
  const std::vector<std::string> quiet = {"--log-calls", "errors"};
  const std::vector<std::string> metrics = {"--metrics-listen", "127.0.0.1:0"};
  // The echo server takes no spans: they are made, packed and sent, and dropped then.
  const std::string collector = absl::StrCat("127.0.0.1:", echo_port);
  const auto with = [&](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  std::deque<Form> forms;  // a Form can't be copied: its server is a process
  const auto add = [&](const char* name, const std::vector<std::string>& arguments) {
    Form& form = forms.emplace_back();
    form.name = name;
    form.arguments = arguments;
  };
  add("neither log nor metrics nor traces", quiet);
  add("metrics", with(quiet, metrics));
  add("metrics, one call in 100 traced", with(with(quiet, metrics), {"--otlp-endpoint", collector}));
  add("metrics, all calls traced", with(with(quiet, metrics), {"--otlp-endpoint", collector, "--otlp-sample", "1"}));
  add("log of one call in 100", {"--log-calls", "sample:100"});
  add("log of all calls", {});
  add("log of all calls, metrics", metrics);
  return forms;
}

void Show(const std::deque<Form>& forms, int callers) {
  std::cout << "\nWhat observing costs: CheckLicense, " << callers << " callers\n";
  for (const Form& form : forms) {
    std::cout << std::left << std::setw(40) << form.name << std::right << std::fixed << std::setprecision(0)
              << std::setw(8) << Median(form.rates) << "/s" << std::setprecision(3) << std::setw(8)
              << Median(form.ratios) << "\n";
  }
  std::cout << std::flush;
}

}  // namespace

absl::Status MeasureObserving(Testbed& testbed) {
  const Options& options = testbed.options();
  const int callers = options.judged();
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, options.check_customers));
  std::deque<Form> forms = Forms(testbed.echo_port());
  const absl::Cleanup stop = [&forms] {
    for (Form& form : forms) {
      if (form.server.child != nullptr) StopServer(form.server);
    }
  };
  for (Form& form : forms) {
    ASSIGN_OR_RETURN(form.server, testbed.StartBeside(form.arguments));
    form.stubs = Connect(form.server.port, options.channels);
  }
  for (int round = 0; round <= options.rounds; ++round) {
    for (Form& form : forms) {
      const Run run =
          RunClosed(callers, {.time = absl::Seconds(options.seconds)}, CheckWork(form.stubs, licensed.customers));
      RETURN_IF_ERROR(FirstError(run));
      if (round == 0) continue;  // it warms up
      form.rates.push_back(static_cast<double>(run.calls) / run.seconds);
      form.ratios.push_back(form.rates.back() / forms.front().rates.back());
    }
  }
  Show(forms, callers);
  return absl::OkStatus();
}

}  // namespace lmp::bench
