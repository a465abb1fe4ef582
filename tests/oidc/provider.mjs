// An OpenID provider with one client. Whoever types a login is it; what they are is in their name:
// "anna+cctv-operators+other" has the groups cctv-operators and other.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirect] = process.argv.slice(2);
const server = createServer();
const options = {
  clients: [
    {
      client_id: "scrim",
      client_secret: "a-secret-of-the-test",
      redirect_uris: [redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["groups"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, groups: id.split("+").slice(1) }),
  }),
};
// it gets its port before it says where it is: one found free beforehand may be taken by then
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", new Provider(issuer, options).callback());
  console.log(`ready ${issuer}`);
});
