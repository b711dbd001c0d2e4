#ifndef SKYBOX_SESSION_H_
#define SKYBOX_SESSION_H_

#include <string>

#include "skybox/fields.h"

namespace skybox {

// Who calls, from where. Members left empty take the Cloud's defaults: `{.region = "eu-west-1"}` is
// the root user of the default account in Ireland. Of a session that cannot be, every call answers
// InvalidArgument.
struct Session {
  std::string account = {};    // twelve digits; empty: CloudOptions::account
  std::string region = {};     // such as "eu-west-1"; empty: CloudOptions::region
  std::string principal = {};  // ARN of one of the account's users or assumed roles; empty: its
                               // root user
  std::string source_address = {};  // as a trail records it; empty: "127.0.0.1"
  std::string user_agent = {};      // as a trail records it; empty: "skybox"
  bool mfa_authenticated = false;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Account", self.account);
    visit("Region", self.region);
    visit("Principal", self.principal);
    visit("SourceAddress", self.source_address);
    visit("UserAgent", self.user_agent);
    visit("MfaAuthenticated", self.mfa_authenticated);
  }
};

}  // namespace skybox

#endif  // SKYBOX_SESSION_H_
