// Starts a whole Bluesky network and says in one line of JSON where it is; ends with SIGTERM.
const { TestNetwork } = require("@atproto/dev-env");

async function main() {
  const [pds, plc, bsky, ozone] = process.argv.slice(2).map(Number);
  const network = await TestNetwork.create({
    dbPostgresSchema: "netbot",
    pds: { port: pds },
    plc: { port: plc },
    bsky: { port: bsky },
    ozone: { port: ozone },
  });
  process.on("SIGTERM", async () => {
    await network.close();
    process.exit(0);
  });
  console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }));
}

main();
