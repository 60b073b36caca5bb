// `lmp` commands about who calls, and by which keys.
#include "client/cli/contract/commands.h"

namespace lmp::cli {

std::vector<Command> CallerCommands() {
  constexpr auto kOptional = Positional::kOptional;
  return {
      {.group = "",
       .verb = "whoami",
       .method = "lmp.v1.CustomerService.WhoAmI",
       .help = "Show who you are to the server, and what you may.",
       .example = "lmp whoami"},
      {.group = "api-key",
       .verb = "create",
       .method = "lmp.v1.CustomerService.CreateApiKey",
       .positionals = {{"PARTNER", "parent", kOptional}},
       .body = "api_key",
       .help = "Make a key for a partner, or for nobody in particular; its secret is shown once.",
       .example = "lmp api-key create acme-msp --role checker --display-name \"shop\""},
      {.group = "api-key",
       .verb = "get",
       .method = "lmp.v1.CustomerService.GetApiKey",
       .positionals = {{"PARTNER/KEY", "name"}},
       .help = "Show one key, without its secret.",
       .example = "lmp api-key get acme-msp/01m867ask0"},
      {.group = "api-key",
       .verb = "list",
       .method = "lmp.v1.CustomerService.ListApiKeys",
       .positionals = {{"PARTNER", "parent", kOptional}},
       .help = "List a partner's keys, or all.",
       .example = "lmp api-key list acme-msp"},
      {.group = "api-key",
       .verb = "update",
       .method = "lmp.v1.CustomerService.UpdateApiKey",
       .positionals = {{"PARTNER/KEY", "api_key.name"}},
       .body = "api_key",
       .help = "Give a key another name or end.",
       .example = "lmp api-key update acme-msp/01m867ask0 --expire-time 2028-01-01"},
      {.group = "api-key",
       .verb = "revoke",
       .method = "lmp.v1.CustomerService.RevokeApiKey",
       .positionals = {{"PARTNER/KEY", "name"}},
       .help = "End a key for good: within 5 seconds nobody is let in by it.",
       .example = "lmp api-key revoke acme-msp/01m867ask0"},
  };
}

}  // namespace lmp::cli
