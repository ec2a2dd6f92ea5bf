// Loaded before everything else: whatever listens, listens on this machine's loopback only.
const { Server } = require("node:net");

const listen = Server.prototype.listen;

Server.prototype.listen = function (...facts) {
  const [first] = facts;
  if (first !== null && typeof first === "object") {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...facts.slice(1));
  }
  const rest = facts.slice(1).filter((each) => typeof each !== "string");
  return listen.call(this, first, "127.0.0.1", ...rest);
};
