//! The counter of this example, in Zig, by hand on the canonical ABI: no bindings, no libc, no WASI. What an import or an
//! export looks like is in the contract (`wit/`), and how its types become numbers in the component model's canonical ABI.

const std = @import("std");

// What is imported: a string or a list is a pointer and a length, and a result that needs more than one number is written
// where the last pointer says.

extern "greenroom:actor/log@0.1.0" fn write(level: u32, text: [*]const u8, length: usize) void;
extern "greenroom:actor/messaging@0.1.0" fn @"own-address"(result: *Address) void;
extern "greenroom:actor/messaging@0.1.0" fn reply(
    request: u64,
    refused: u32,
    kind: [*]const u8,
    kind_length: usize,
    body: [*]const u8,
    body_length: usize,
    result: *Failed,
) void;
extern "greenroom:actor/topics@0.1.0" fn publish(
    topic: [*]const u8,
    topic_length: usize,
    kind: [*]const u8,
    kind_length: usize,
    body: [*]const u8,
    body_length: usize,
    result: *Failed,
) void;
extern "greenroom:actor/timers@0.1.0" fn @"send-every"(
    interval: u64,
    node: u64,
    key: u64,
    kind: [*]const u8,
    kind_length: usize,
    body: [*]const u8,
    body_length: usize,
    result: *Timer,
) void;

const Address = extern struct { node: u64, key: u64 };
/// `result<_, topic-error>`, and `result<_, send-error>`.
const Failed = extern struct { is: u8, why: u8 align(4), text: [*]const u8, length: usize };
/// `result<u64, send-error>`.
const Timer = extern struct { is: u8, why: u8 align(8), text: [*]const u8, length: usize };

// What this gives back: `result<…, string>` with up to two numbers in its good case.
const Result = extern struct {
    failed: u8 = 0,
    /// A `started` or a `next`; the pointer of a list; or that of the error's text.
    first: usize align(4) = 0,
    /// The text of a `next` that has one; the list's length; or the length of the error's text.
    second: usize = 0,
    third: usize = 0,
};
const next_same = 0;
const next_unhandled = 3;

/// Given back when the host has read a result: all that a turn has allocated.
var arena = std.heap.ArenaAllocator.init(std.heap.wasm_allocator);
var result: Result = .{};

/// What is kept, and what is published.
const Kept = struct { count: u64 };
var kept: Kept = .{ .count = 0 };
const most = (1 << 53) - 1;

/// The topic is on the heap for as long as the actor.
var topic: []const u8 = "counter/count";
var every_ms: u64 = 1000;

const Error = error{OutOfMemory} || error{Told};
/// The text of an error that was told.
var told: []const u8 = "";

fn fail(comptime format: []const u8, values: anytype) Error {
    told = try std.fmt.allocPrint(arena.allocator(), format, values);
    return error.Told;
}

/// Logs a text with its place, and traps: the report of the trap begins with it.
fn panicked(comptime place: std.builtin.SourceLocation, text: []const u8) noreturn {
    const line = std.fmt.allocPrint(arena.allocator(), "panicked at {s}:{d}: {s}", .{ place.file, place.line, text }) catch text;
    write(4, line.ptr, line.len);
    @trap();
}

fn give(value: Error!void) *Result {
    value catch |why| {
        const text = if (why == error.Told) told else "it is out of memory";
        result = .{ .failed = 1, .first = @intFromPtr(text.ptr), .second = text.len };
    };
    return &result;
}

// JSON

const Object = std.json.ObjectMap;

fn object(text: []const u8) Error!Object {
    if (text.len == 0) return Object.empty;
    const value = std.json.parseFromSliceLeaky(std.json.Value, arena.allocator(), text, .{}) catch return fail("it is no JSON", .{});
    return if (value == .object) value.object else fail("expected an object", .{});
}

fn whole(of: Object, name: []const u8) Error!?u64 {
    switch (of.get(name) orelse return null) {
        .integer => |number| if (number >= 0) return @intCast(number),
        .number_string => |digits| if (std.fmt.parseInt(u64, digits, 10)) |number| return number else |_| {},
        else => {},
    }
    return fail("field `{s}`: expected a whole number of at least 0", .{name});
}

// The actor

fn configure(text: []const u8) Error!void {
    readConfig(text) catch |why| return if (why == error.Told) fail("configuration: {s}", .{told}) else why;
}

fn readConfig(text: []const u8) Error!void {
    const config = try object(text);
    if (try whole(config, "every-ms")) |given| every_ms = given;
    if (config.get("topic")) |given| {
        if (given != .string) return fail("field `topic`: expected a string", .{});
        topic = try std.heap.wasm_allocator.dupe(u8, given.string);
    }
}

fn start() Error!void {
    var own: Address = undefined;
    @"own-address"(&own);
    var timer: Timer = undefined;
    @"send-every"(every_ms *| std.time.ns_per_ms, own.node, own.key, "tick", 4, "", 0, &timer);
    if (timer.is != 0) return fail("every-ms: {s}", .{timer.text[0..timer.length]});
}

fn saved() Error![]const u8 {
    return std.fmt.allocPrint(arena.allocator(), "{{\"count\":{d}}}", .{kept.count});
}

fn tell() Error!void {
    const body = try saved();
    var failed: Failed = undefined;
    publish(topic.ptr, topic.len, "count", 5, body.ptr, body.len, &failed);
    if (failed.is != 0) return fail("nothing was published on {s}", .{topic});
}

fn add(body: []const u8) Error!void {
    const message = object(body) catch |why| return misfit(why);
    const how_many = (whole(message, "how-many") catch |why| return misfit(why)) orelse
        return misfit(fail("missing field `how-many`", .{}));
    if (how_many > most - kept.count) return fail("that is too much to count", .{});
    kept.count += how_many;
    try tell();
}

fn misfit(why: Error) Error!void {
    if (why != error.Told) return why;
    try unhandled("`add {{how-many}}`: {s}", .{told});
}

fn unhandled(comptime format: []const u8, values: anytype) Error!void {
    const text = try std.fmt.allocPrint(arena.allocator(), format, values);
    result = .{ .first = next_unhandled, .second = @intFromPtr(text.ptr), .third = text.len };
}

fn turn(kind: []const u8, body: []const u8, request: ?u64) Error!void {
    if (std.mem.eql(u8, kind, "add")) {
        try add(body);
    } else if (std.mem.eql(u8, kind, "how-many")) {
        const answer = try std.fmt.allocPrint(arena.allocator(), "{d}", .{kept.count});
        var failed: Failed = undefined;
        // Who asked may be gone.
        if (request) |asked| reply(asked, 0, "answer", 6, answer.ptr, answer.len, &failed);
        return;
    } else if (std.mem.eql(u8, kind, "tick")) {
        try tell();
    } else if (std.mem.eql(u8, kind, "fail")) {
        return fail("as you wished", .{});
    } else if (std.mem.eql(u8, kind, "crash")) {
        panicked(@src(), "as you wished");
    } else {
        return unhandled("`{s}` is not understood: expected add {{how-many}} or how-many or tick or fail or crash", .{kind});
    }
    // Nobody is left waiting for an answer that never comes.
    const asked = request orelse return;
    if (result.first == next_unhandled) return;
    const why = try std.fmt.allocPrint(arena.allocator(), "`{s}` was handled, and has no answer", .{kind});
    var failed: Failed = undefined;
    reply(asked, 1, why.ptr, why.len, "", 0, &failed);
}

// What the host calls

export fn @"greenroom:actor/behavior@0.1.0#init"(config: [*]const u8, length: usize) *Result {
    result = .{};
    return give(first(config[0..length]));
}

fn first(config: []const u8) Error!void {
    try configure(config);
    try start();
}

export fn @"greenroom:actor/behavior@0.1.0#handle"(
    has_sender: u32,
    node: u64,
    key: u64,
    has_request: u32,
    request: u64,
    has_topic: u32,
    on: [*]const u8,
    on_length: usize,
    kind: [*]const u8,
    kind_length: usize,
    body: [*]const u8,
    body_length: usize,
) *Result {
    _ = .{ has_sender, node, key, has_topic, on, on_length };
    result = .{ .first = next_same };
    return give(turn(kind[0..kind_length], body[0..body_length], if (has_request != 0) request else null));
}

export fn @"greenroom:actor/state@0.1.0#version"() u32 {
    return 1;
}

const versions = [_]u32{1};

const List = extern struct { at: [*]const u32, length: usize };
const accepted: List = .{ .at = &versions, .length = versions.len };

export fn @"greenroom:actor/state@0.1.0#accepts"() *const List {
    return &accepted;
}

export fn @"greenroom:actor/state@0.1.0#save"() *Result {
    result = .{};
    const bytes = saved() catch |why| return give(why);
    result = .{ .first = @intFromPtr(bytes.ptr), .second = bytes.len };
    return &result;
}

export fn @"greenroom:actor/state@0.1.0#restore"(
    occasion: u32,
    config: [*]const u8,
    config_length: usize,
    version: u32,
    bytes: [*]const u8,
    length: usize,
) *Result {
    _ = version;
    result = .{};
    return give(again(occasion, config[0..config_length], bytes[0..length]));
}

fn again(occasion: u32, config: []const u8, bytes: []const u8) Error!void {
    try configure(config);
    kept.count = (try whole(try object(bytes), "count")) orelse return fail("the saved state does not fit: missing field `count`", .{});
    // Timers carry over to new code (0) and to an actor that wakes (2), but not into a new incarnation.
    if (occasion == 1) try start();
}

// Where the host puts what it hands over, and when it has read what it was given.

export fn cabi_realloc(old: ?[*]u8, old_length: usize, alignment: usize, length: usize) ?[*]u8 {
    _ = .{ old, old_length };
    return arena.allocator().rawAlloc(length, .fromByteUnits(alignment), @returnAddress()) orelse @trap();
}

fn forget() void {
    _ = arena.reset(.{ .retain_with_limit = 64 * 1024 });
}

export fn @"cabi_post_greenroom:actor/behavior@0.1.0#init"(_: *Result) void {
    forget();
}

export fn @"cabi_post_greenroom:actor/behavior@0.1.0#handle"(_: *Result) void {
    forget();
}

export fn @"cabi_post_greenroom:actor/state@0.1.0#save"(_: *Result) void {
    forget();
}

export fn @"cabi_post_greenroom:actor/state@0.1.0#restore"(_: *Result) void {
    forget();
}
