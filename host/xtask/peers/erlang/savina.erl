%% The peer in Erlang: the same programs as the actors in actors/bench, message for message, windows included.
%%
%% `erlc savina.erl`, and then `erl +S 1 … -noshell -run savina main PATTERN UNITS` prints messages, and the CPU and wall
%% nanoseconds that they took: of the whole virtual machine, from the first message to the last, warmed up before. CPU time
%% is counted in milliseconds here, so the program is run again until it has taken half a second.

-module(savina).
-export([main/1]).

-define(NODES, 100).
-define(WINDOW, 512).
-define(WORKERS, 60).
-define(JOBS, 16).
-define(WAVE, 500).
-define(PLAYERS, 120).
-define(CREATURES, 100).

main([Pattern, Units]) ->
    Main = make(Pattern),
    N = list_to_integer(Units),
    _ = start(Main, max(1, N div 20)),
    {Cpu, _} = statistics(runtime),
    Wall = erlang:monotonic_time(nanosecond),
    Messages = again(Main, N, Wall + 500000000, 0),
    Elapsed = erlang:monotonic_time(nanosecond) - Wall,
    {After, _} = statistics(runtime),
    io:format("~b ~b ~b~n", [Messages, (After - Cpu) * 1000000, Elapsed]),
    halt().

again(Main, Units, Until, Messages) ->
    Sum = Messages + start(Main, Units),
    case erlang:monotonic_time(nanosecond) < Until of
        true -> again(Main, Units, Until, Sum);
        false -> Sum
    end.

start(Main, Units) ->
    Main ! {start, self(), Units},
    receive {done, Messages} -> Messages end.

%% The one that is told `start`, with those that it plays with.
make("ping-pong") -> spawn(fun() -> ping(spawn(fun pong/0)) end);
make("ring") -> spawn(fun() -> ring(ring_of(?NODES)) end);
make("counting") -> spawn(fun() -> producer(spawn(fun() -> counter(0) end)) end);
make("fork-join") -> spawn(fun() -> forker([spawn(fun() -> worker(0, 0.0) end) || _ <- lists:seq(1, ?WORKERS)]) end);
make("creation") -> spawn(fun() -> creator(?WAVE) end);
make("spawn") -> spawn(fun() -> creator(1) end);
make("big") -> spawn(fun big/0);
make("chameneos") -> spawn(fun mall/0);
make("asking") -> spawn(fun() -> asker(spawn(fun answerer/0)) end).

%% Ping-pong.

ping(Pong) ->
    receive {start, From, Units} ->
        Messages = even(max(1, Units)),
        Pong ! {bounce, self(), Messages - 1},
        ping_on(),
        From ! {done, Messages},
        ping(Pong)
    end.

ping_on() ->
    receive
        {bounce, _, 0} -> ok;
        {bounce, From, Left} -> From ! {bounce, self(), Left - 1}, ping_on()
    end.

pong() ->
    receive {bounce, From, Left} -> From ! {bounce, self(), Left - 1}, pong() end.

even(N) -> N + N rem 2.

%% Ring.

ring_of(Nodes) ->
    lists:foldl(fun(_, Next) -> spawn(fun() -> node_of_ring(Next) end) end, self(), lists:seq(2, Nodes)).

ring(Next) ->
    receive {start, From, Units} ->
        Hops = (max(1, Units) + ?NODES - 1) div ?NODES * ?NODES,
        Next ! {token, Hops - 1},
        ring_on(Next),
        From ! {done, Hops},
        ring(Next)
    end.

ring_on(Next) ->
    receive
        {token, 0} -> ok;
        {token, Left} -> Next ! {token, Left - 1}, ring_on(Next)
    end.

node_of_ring(Next) ->
    receive {token, Left} -> Next ! {token, Left - 1}, node_of_ring(Next) end.

%% Counting.

producer(Counter) ->
    receive {start, From, Units} ->
        {Messages, Units} = produce(Counter, Units, 0),
        From ! {done, Messages},
        producer(Counter)
    end.

produce(Counter, Left, Messages) ->
    Window = min(Left, ?WINDOW),
    add(Counter, Window),
    Sent = Messages + Window + 2,
    case Left - Window of
        0 ->
            Counter ! {retrieve, self()},
            receive {counted, Count} -> {Sent, Count} end;
        More ->
            Counter ! {pass, self()},
            receive passed -> produce(Counter, More, Sent) end
    end.

add(_, 0) -> ok;
add(Counter, Times) -> Counter ! add, add(Counter, Times - 1).

counter(Count) ->
    receive
        add -> counter(Count + 1);
        {pass, From} -> From ! passed, counter(Count);
        {retrieve, From} -> From ! {counted, Count}, counter(0)
    end.

%% Fork-join: throughput.

forker(Workers) ->
    receive {start, From, Units} ->
        {Left, Messages} = lists:foldl(fun give_out/2, {Units, 0}, Workers),
        From ! {done, fork(Left, Messages, Units)},
        forker(Workers)
    end.

fork(_, Messages, 0) -> Messages;
fork(Left, Messages, Awaited) ->
    receive {finished, Worker, Jobs} ->
        {Rest, Sent} = give_out(Worker, {Left, Messages}),
        fork(Rest, Sent, Awaited - Jobs)
    end.

give_out(_, {0, Messages}) -> {0, Messages};
give_out(Worker, {Left, Messages}) ->
    Window = min(Left, ?JOBS),
    work_on(Worker, Window),
    {Left - Window, Messages + Window + 1}.

work_on(Worker, 1) -> Worker ! {report, self()};
work_on(Worker, Window) -> Worker ! work, work_on(Worker, Window - 1).

join(0, Done) -> Done;
join(Awaited, Done) -> receive {finished, _, Jobs} -> join(Awaited - 1, Done + Jobs) end.

worker(Jobs, Result) ->
    receive
        work -> worker(Jobs + 1, work(Result));
        {report, From} -> From ! {finished, self(), Jobs + 1}, worker(0, work(Result))
    end.

work(Result) ->
    Sine = math:sin(37.2 + Result),
    Result + Sine * Sine.

%% Fork-join: creation.

creator(Wave) ->
    receive {start, From, Units} ->
        create(Wave, Units),
        From ! {done, 2 * Units},
        creator(Wave)
    end.

create(_, 0) -> ok;
create(Wave, Left) ->
    Now = min(Wave, Left),
    create_some(Now),
    Now = join(Now, 0),
    create(Wave, Left - Now).

create_some(0) -> ok;
create_some(Times) ->
    spawn(fun once/0) ! {once, self()},
    create_some(Times - 1).

once() ->
    receive {once, From} ->
        _ = work(0.0),
        From ! {finished, self(), 1}
    end.

%% Big.

big() ->
    Players = [spawn(fun() -> player(Seed) end) || Seed <- lists:seq(1, ?PLAYERS)],
    All = list_to_tuple(Players),
    lists:foreach(fun(Player) -> Player ! {meet, All} end, Players),
    sink(Players).

sink(Players) ->
    receive {start, From, Units} ->
        Pings = max(1, (Units + ?PLAYERS - 1) div ?PLAYERS),
        Self = self(),
        lists:foreach(fun(Player) -> Player ! {go, Self, Pings} end, Players),
        lists:foreach(fun(_) -> receive finished -> ok end end, Players),
        From ! {done, ?PLAYERS * (2 * Pings + 2)},
        sink(Players)
    end.

player(Seed) -> receive {meet, Players} -> player(Players, Seed, 0, none) end.

player(Players, Random, Left, Sink) ->
    receive
        {go, From, Pings} -> next(Players, Random, Pings, From);
        {ping, From} -> From ! pong, player(Players, Random, Left, Sink);
        pong -> next(Players, Random, Left, Sink)
    end.

next(Players, Random, 0, Sink) -> Sink ! finished, player(Players, Random, 0, Sink);
next(Players, Random, Left, Sink) ->
    %% 32 bits, so that no number leaves a machine word.
    A = (Random bxor (Random bsl 13)) band 16#ffffffff,
    B = A bxor (A bsr 17),
    C = (B bxor (B bsl 5)) band 16#ffffffff,
    element(C rem ?PLAYERS + 1, Players) ! {ping, self()},
    player(Players, C, Left - 1, Sink).

%% Chameneos.

mall() ->
    Colours = {blue, red, yellow},
    mall([spawn(fun() -> creature(element(Number rem 3 + 1, Colours), 0, none) end) || Number <- lists:seq(0, ?CREATURES - 1)]).

mall(Creatures) ->
    receive {start, From, Units} ->
        Self = self(),
        lists:foreach(fun(Creature) -> Creature ! {go, Self} end, Creatures),
        Sum = meetings(Units, none, ?CREATURES, 0),
        Sum = 2 * Units,
        From ! {done, 4 * Units + 4 * ?CREATURES},
        mall(Creatures)
    end.

meetings(_, _, 0, Sum) -> Sum;
meetings(Left, Waiting, About, Sum) ->
    receive
        {come, Creature, _} when Left =:= 0 -> Creature ! {fade, self()}, meetings(0, none, About, Sum);
        {come, Creature, _} when Waiting =:= none -> meetings(Left, Creature, About, Sum);
        {come, Creature, Colour} -> Waiting ! {meet, Creature, Colour}, meetings(Left - 1, none, About, Sum);
        {faded, Had} -> meetings(Left, Waiting, About - 1, Sum + Had)
    end.

creature(Colour, Meetings, Mall) ->
    receive
        {go, From} -> From ! {come, self(), Colour}, creature(Colour, Meetings, From);
        {meet, Whom, Other} ->
            New = mix(Colour, Other),
            Whom ! {change, New},
            Mall ! {come, self(), New},
            creature(New, Meetings + 1, Mall);
        {change, New} -> Mall ! {come, self(), New}, creature(New, Meetings + 1, Mall);
        {fade, From} -> From ! {faded, Meetings}, creature(Colour, 0, Mall)
    end.

mix(Same, Same) -> Same;
mix(blue, red) -> yellow;
mix(blue, yellow) -> red;
mix(red, blue) -> yellow;
mix(red, yellow) -> blue;
mix(yellow, blue) -> red;
mix(yellow, red) -> blue.

%% Asking: as `gen_server:call` asks, with a monitor and a time.

asker(Answerer) ->
    receive {start, From, Units} ->
        ask(Answerer, max(1, Units)),
        From ! {done, 2 * max(1, Units)},
        asker(Answerer)
    end.

ask(_, 0) -> ok;
ask(Answerer, Left) ->
    Number = Left - 1,
    Monitor = monitor(process, Answerer, [{alias, demonitor}]),
    Answerer ! {question, Monitor, Number},
    receive
        {answer, Monitor, Answer} -> Left = Answer, demonitor(Monitor, [flush]);
        {'DOWN', Monitor, _, _, Why} -> exit(Why)
    after 10000 -> exit(timeout)
    end,
    ask(Answerer, Number).

answerer() ->
    receive {question, Monitor, Number} -> Monitor ! {answer, Monitor, Number + 1}, answerer() end.
