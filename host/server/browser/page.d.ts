// The shapes that the page's modules share. They restate the host's view (host/engine/src/view.rs) and the stream's
// events; nothing of this file is served.


type Store = import("../page/store.js").Store;
type Series = import("../page/series.js").Series;

type LinkState = "opening" | "catching" | "live" | "lost";

interface Tree {
  host: { name: string; version: string; profile: string | null; epoch: string; uptime_seconds: number };
  root: TreeNode;
  devices: Device[];
}

interface TreeNode {
  name: string;
  address: string;
  state: "starting" | "running" | "asleep" | "restarting" | "quarantined" | "stopping" | "stopped";
  restart?: "permanent" | "transient" | "temporary";
  next_start_seconds?: number;
  quarantine?: { reason: string; restarts: number; since_seconds: number };
  supervisor?: {
    strategy: string;
    on_give_up: "exit" | "quarantine";
    auto_shutdown: "never" | "any" | "all";
    restarts_in_window: number;
    restarts_limit: number;
    window_seconds: number;
  };
  actor?: {
    behavior: string;
    source: string;
    digest: string | null;
    incarnation: number;
    restarts: number;
    turns: number;
    waiting: number;
    mailbox_limit: number;
    dropped: number;
    handling: string | null;
    busy_seconds: number | null;
    memory_bytes: number;
    last_end: string | null;
    grants: string[];
  };
  children: TreeNode[];
}

interface Device {
  name: string;
  kind: string;
  unit: string;
  output: boolean;
  value: number | null;
  missing: string | null;
  age_seconds: number | null;
  writer: string | null;
}

/** A topic's latest value. */
interface Latest {
  time: number;
  kind: string;
  // What an actor publishes may be anything.
  body: any;
}

interface Snapshot {
  tree: Tree;
  latest: Record<string, Latest>;
  last_event_id: string | null;
}

interface Lag {
  from: string | null;
  to: string | null;
  dropped: number | null;
}

/** A message of the stream. */
interface Message extends Latest {
  topic: string;
  id: string;
  epoch: string;
  seq: number;
  /** It came over the stream, and not out of history. */
  live: boolean;
  /** It has just happened: it is not caught up with either. */
  news: boolean;
}

/** Something that happened, on a chart. */
interface Mark {
  time: number;
  kind: "swap" | "fault" | "safe";
  text: string;
}

/** A failure, and what has mended it since. */
interface Fault {
  key: string;
  event: Message;
  names: string[];
  mended: Message | null;
  /** How often it has happened like this. */
  times: number;
}
