#!/usr/bin/python3
"""Follows "How to add a mutation" of server/README.md in a copy of the tree: adds RelabelSubscription, builds it, and
run the tests that would say if a step were missing. It takes minutes, as all that sees the protos is compiled, and is
therefore run by hand, not in CI.

tests/how_to/add_mutation.py DIRECTORY     a new directory for the copy, which is left there to look at
"""

import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).parents[2]
ERRORS = """\
  // Gives it another name for people. Errors: INVALID_ARGUMENT; SUBSCRIPTION_NOT_FOUND; ETAG_MISMATCH; those of
  // customer and partner.
"""
# File → what is put in front of which line.
STEPS = [
    ('proto/lmp/v1/subscription_requests.proto', 'message SuspendSubscriptionRequest {', '''\
message RelabelSubscriptionRequest {
  // "customers/{customer}/subscriptions/{subscription}". Required.
  string name = 1 [
    (google.api.field_behavior) = REQUIRED,
    (google.api.resource_reference).type = "lmp/Subscription"
  ];
  // If set, must be current.
  string etag = 2;
  // A UUID chosen by the caller, so that a repeat of the call has no second effect; see CustomerService.
  string request_id = 3;
  // Run the real thing, store nothing, and say in `changes` what would change.
  bool validate_only = 4;
  // 1 to 128 characters. Required.
  string display_name = 5 [(google.api.field_behavior) = REQUIRED];
  // From the answer to this request with `validate_only`: do exactly what that showed, or nothing (PREVIEW_CHANGED).
  string preview_token = 100;
}

'''),
    ('proto/lmp/v1/licensing_service.proto', '  rpc SuspendSubscription(', '''\
  rpc RelabelSubscription(RelabelSubscriptionRequest) returns (SubscriptionChangeResponse);
''' + '@comment'),
    ('server/domain/subscription/verbs.h', 'struct SuspendSubscriptionCommand : ', '''\
struct RelabelSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kRelabelSubscription;
  std::string display_name;
};

// Gives it another name for people.
absl::StatusOr<SubscriptionResult> RelabelSubscription(model::World& world, const RelabelSubscriptionCommand& command,
                                                       const Env& env);

'''),
    ('server/domain/subscription/verbs.cc', 'absl::StatusOr<SubscriptionResult> SuspendSubscription(', '''\
absl::StatusOr<SubscriptionResult> RelabelSubscription(World& world, const RelabelSubscriptionCommand& command,
                                                       const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  subscription->display_name = command.display_name;
  return SubscriptionResult{command.customer_id, command.subscription_id, "", {}};
}

'''),
    ('server/domain/standing.h', '  kSuspendSubscription,', '  kRelabelSubscription,\n'),
    ('server/domain/standing.h', '    {Verb::kSuspendSubscription, ', '''\
    {Verb::kRelabelSubscription, "RelabelSubscription", standing::kActive, standing::kEnabled},
'''),
    ('tests/domain/standing_test.cc', '      {Verb::kSuspendSubscription, ', '''\
      {Verb::kRelabelSubscription, Do(RelabelSubscription, About<RelabelSubscriptionCommand>("runs"))},
'''),
    ('server/wire/subscription.h', 'absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(', '''\
absl::StatusOr<domain::RelabelSubscriptionCommand> ParseRelabelSubscription(
    const v1::RelabelSubscriptionRequest& request);
'''),
    ('server/wire/subscription.cc', 'absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(', '''\
absl::StatusOr<domain::RelabelSubscriptionCommand> ParseRelabelSubscription(
    const v1::RelabelSubscriptionRequest& request) {
  Fields fields;
  domain::RelabelSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.display_name = request.display_name();
  domain::FieldChecks checks;
  checks.Text("display_name", request.display_name(), 1, 128);
  fields.Fail(checks.Take(), "");
  RETURN_IF_ERROR(fields.status());
  return command;
}

'''),
    ('server/wire/subscription.cc', '#include "server/domain/subscription/', '#include "server/domain/patch.h"\n'),
    ('server/rpcs/subscription.cc', '      MutationRpc{.name = "SuspendSubscription",', '''\
      MutationRpc{.name = "RelabelSubscription",
                  .event = event::kSubscriptionUpdated,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseRelabelSubscription,
                  .decide = domain::RelabelSubscription,
                  .render = wire::RenderSubscriptionChange},
'''),
    ('client/cli/contract/subscription_commands.cc', '      {.group = "subscription",\n       .verb = "suspend",', '''\
      {.group = "subscription",
       .verb = "relabel",
       .method = "lmp.v1.LicensingService.RelabelSubscription",
       .positionals = {{"CUSTOMER/SUBSCRIPTION", "name"}},
       .help = "Give a subscription another name for people.",
       .example = "lmp subscription relabel bakery/..h8xk3q --display-name \\"Head office\\""},
'''),
    ('proto/examples/3_subscriptions.sh', 'grpcurl -plaintext -d \'{"name": "\'"$SUBSCRIPTION"\'"}\' "$SERVER" '
     'lmp.v1.LicensingService/SuspendSubscription', '''\
grpcurl -plaintext -d '{"name": "'"$SUBSCRIPTION"'", "display_name": "Head office"}' "$SERVER" \\
  lmp.v1.LicensingService/RelabelSubscription
'''),
]


def put(directory, file, before, text):
    path = directory / file
    whole = path.read_text()
    if text.endswith('@comment'):  # goes in front of the comment that stands above the line
        text = ERRORS + text.removesuffix('@comment')
        head, _, _ = whole.partition(before)
        lines = head.split('\n')
        at = len(lines) - 1
        while lines[at - 1].startswith('  //'):
            at -= 1
        before = '\n'.join(lines[at:]) + before
    if whole.count(before) < 1:
        sys.exit(f'{file}: no "{before}"')
    at = whole.index(before)
    # Of a C++ function or struct the comment above it stays with it.
    path.write_text(whole[:at] + text + whole[at:])


def run(directory, *command):
    print('$', *command, flush=True)
    subprocess.run(command, cwd=directory, check=True)


def main(directory):
    directory = pathlib.Path(directory).absolute()
    run(PROJECT, 'git', 'clone', '-q', '.', directory)
    for step in STEPS:
        put(directory, *step)
    run(directory, 'cmake', '-S', '.', '-B', 'build/dev', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
        '-DLMP_WERROR=ON', '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0 -DNDEBUG', '-DPython3_EXECUTABLE=/usr/bin/python3')
    run(directory, '/usr/bin/python3', 'proto/baseline.py')
    run(directory, 'ninja', '-C', 'build/dev', '--quiet', 'lmp-server', 'lmp', 'lmp_python_stubs', 'lmp_reference',
        'domain_test', 'wire_test', 'cli_test', 'client_test')
    table = subprocess.run([directory / 'build/dev/bin/lmp-server', 'permissions'], check=True, capture_output=True)
    (directory / 'server/auth/permissions.txt').write_bytes(table.stdout)
    print('Files that were touched:', flush=True)
    run(directory, 'git', 'diff', '--stat')
    run(directory, 'ctest', '--test-dir', 'build/dev', '-j', '2', '--output-on-failure', '-R',
        r'^wire\.|StandingTest|Standing|tidy$|layering|proto\.|cli\.|'
        r'end_to_end\.(permissions|isolation|standing|database_errors|examples|reasons)$')


if __name__ == '__main__':
    main(*sys.argv[1:])
