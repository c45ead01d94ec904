// @ts-check
// One actor or supervisor in full, beside the page: what it is, what it may do, what it said last, and what an operator
// may do with it.

import { path, post } from "./api.js";
import { attribute, byId, el, row, write } from "./dom.js";
import { count, figure, size, span, swapped } from "./format.js";

const LINES = 30;

/**
 * @param {Store} store
 * @param {(address: string, back: boolean) => void} changed another one is shown, or none; back: the focus goes back
 */
export function drawer(store, changed) {
  const [box, title, facts] = [byId("drawer"), byId("drawer-title"), byId("drawer-facts")];
  const [grants, lines] = [byId("drawer-grants"), byId("drawer-log")];
  const [trouble, well] = [byId("drawer-trouble"), byId("drawer-well")];
  let shown = "";
  let name = "";

  const close = () => {
    const was = shown;
    shown = "";
    box.hidden = true;
    document.body.classList.remove("inspecting");
    changed(was, true);
  };
  byId("drawer-close").addEventListener("click", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  /** @param {boolean} all whether the log lines too */
  const render = (all) => {
    if (!shown) return;
    let entry = store.nodes.get(shown);
    if (!entry) {
      // Another start of the host: other addresses, the same names.
      entry = [...store.nodes.values()].find(({ node }) => node.name === name);
      if (entry) changed((shown = entry.node.address), false);
    }
    box.classList.toggle("ended", !entry);
    for (const button of box.querySelectorAll("button:not(#drawer-close)")) attribute(button, "aria-disabled", entry ? null : "true");
    if (entry) {
      name = entry.node.name;
      write(title, name);
      list(facts, about(entry.node, store.rate(shown)));
      const actor = entry.node.actor;
      for (const part of box.querySelectorAll(".of-actor")) /** @type {HTMLElement} */ (part).hidden = !actor;
      if (actor && grants.dataset.of !== actor.grants.join()) {
        grants.dataset.of = actor.grants.join();
        grants.replaceChildren(...actor.grants.map((grant) => el("li", { class: "mono" }, grant)));
        if (!actor.grants.length) grants.replaceChildren(el("li", {}, "nothing"));
      }
    } else if (store.tree) list(facts, [["state", "ended: it is no longer in the tree"]]);
    if (all) log(lines, store.logs, shown);
  };
  store.listen((changes) => {
    if (changes.has("tree") || changes.has("logs")) render(changes.has("logs"));
  });

  /** @param {HTMLElement} button @param {() => Promise<string>} work */
  const run = async (button, work) => {
    if (button.getAttribute("aria-disabled") || button.getAttribute("aria-busy")) return;
    write(trouble, "");
    write(well, "");
    button.setAttribute("aria-busy", "true");
    const asked = shown;
    /** @param {Element} where @param {string} text */
    const say = (where, text) => {
      if (shown === asked) write(where, text);
    };
    try {
      say(well, await work());
    } catch (error) {
      say(trouble, error instanceof Error ? error.message : String(error));
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  const restart = byId("drawer-restart");
  restart.addEventListener("click", () =>
    run(restart, async () => {
      await post(path(shown, "restart"));
      return "Restarted.";
    }),
  );
  const reload = byId("drawer-reload");
  reload.addEventListener("click", () =>
    run(reload, async () => {
      const swap = await post(path(shown, "reload"));
      return swap.from === swap.to ? "There is no new build: it runs what is on disk." : `${swapped(swap)}.`;
    }),
  );

  const kind = /** @type {HTMLInputElement} */ (byId("tell-kind"));
  const body = /** @type {HTMLTextAreaElement} */ (byId("tell-body"));
  const message = () => {
    if (!kind.value.trim()) throw new Error("A message needs a kind: the word that the actor matches on.");
    try {
      return { kind: kind.value.trim(), body: body.value.trim() ? JSON.parse(body.value) : null };
    } catch (error) {
      throw new Error(`The body is not JSON: ${error instanceof Error ? error.message : error}`);
    }
  };
  const ask = byId("ask-button");
  ask.addEventListener("click", () =>
    run(ask, async () => {
      const answer = await post(path(shown, "ask"), message());
      return `${answer?.kind}: ${JSON.stringify(answer?.body, null, 1)}`;
    }),
  );
  byId("tell").addEventListener("submit", (event) => {
    event.preventDefault();
    run(byId("tell-button"), async () => {
      await post(path(shown, "messages"), message());
      return "It is in the mailbox.";
    });
  });

  return {
    /** @param {string} address @param {boolean} focus */
    open(address, focus) {
      if (address !== shown) {
        write(trouble, "");
        write(well, "");
        name = "";
      }
      shown = address;
      box.hidden = false;
      document.body.classList.add("inspecting");
      render(true);
      if (focus) byId("drawer-close").focus();
      changed(address, false);
    },
    shown: () => shown,
  };
}

/**
 * @param {TreeNode} node
 * @param {number | null} rate
 * @returns {[string, string][]}
 */
function about({ address, state, next_start_seconds: next, quarantine, actor, supervisor }, rate) {
  /** @type {[string, string][]} */
  const facts = [["state", next === undefined ? state : `${state}, in ${span(next)}`]];
  if (quarantine) facts.push(["quarantine", `for ${span(quarantine.since_seconds)}: ${quarantine.reason}`]);
  if (supervisor) {
    facts.push(["strategy", supervisor.strategy]);
    facts.push(["restarts", `${supervisor.restarts_in_window} of ${supervisor.restarts_limit} in ${span(supervisor.window_seconds)}`]);
  }
  if (actor) {
    if (actor.handling) facts.push(["handling", `${actor.handling}, for ${span(actor.busy_seconds ?? 0)}`]);
    facts.push(["behaviour", actor.behavior], ["source", actor.source], ["build", actor.digest ?? "not started yet"]);
    facts.push(["incarnation", `${actor.incarnation}, ${count(actor.restarts, "restart")}`]);
    facts.push(["turns", `${actor.turns}${rate === null ? "" : `, ${figure(rate)} a second`}`]);
    facts.push(["mailbox", `${actor.waiting} of ${actor.mailbox_limit}, ${actor.dropped} lost`]);
    facts.push(["memory", size(actor.memory_bytes)], ["last end", actor.last_end ?? "none"]);
  }
  facts.push(["address", address]);
  return facts;
}

/** @param {HTMLElement} into @param {[string, string][]} facts */
function list(into, facts) {
  const names = facts.map(([name]) => name).join();
  if (into.dataset.of !== names) {
    into.dataset.of = names;
    into.replaceChildren(...facts.flatMap(([name]) => [el("dt", {}, name), el("dd")]));
  }
  const values = into.querySelectorAll("dd");
  facts.forEach(([, value], at) => values[at] && write(values[at], value));
}

/** @param {HTMLElement} into @param {Message[]} logs @param {string} address */
function log(into, logs, address) {
  const mine = logs.filter((line) => line.body.address === address).slice(-LINES);
  const bottom = into.scrollHeight - into.scrollTop - into.clientHeight < 8;
  into.replaceChildren(...mine.map((line) => row(line, { "data-level": line.kind })));
  if (!mine.length) into.replaceChildren(el("li", { class: "none" }, "it has said nothing"));
  if (bottom) into.scrollTop = into.scrollHeight;
}
