%% Runs scripts on OTP's own supervisor, for tests/otp/main.rs. Each line of input is a term, {Tree, Steps}; the answer is
%% what happened, a line for each event, `step` after each step and `done` at the end.
%%
%% Only with one scheduler (+S 1): a signal is then in its receiver's queue before anybody else runs, so the log has the
%% order in which things happened, and an empty run queue means that nothing more will.

-module(oracle).
-export([main/1, start/1, init/1, begin_worker/2]).

main(_) ->
    %% Code that is loaded on demand comes from a dirty scheduler, whose work is in no run queue.
    [begin
         _ = application:load(Application),
         {ok, Modules} = application:get_key(Application, modules),
         code:ensure_modules_loaded(Modules)
     end || Application <- [kernel, stdlib]],
    ets:new(facts, [named_table, public]),
    register(log, spawn_link(fun() -> log([], #{}, []) end)),
    register(watchdog, spawn_link(fun() -> receive late -> io:put_chars("hangs\n"), halt(1) end end)),
    io:setopts([{encoding, latin1}]),
    loop(processes()).

loop(Before) ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            {ok, Tokens, _} = erl_scan:string(Line),
            {ok, {Tree, Steps}} = erl_parse:parse_term(Tokens),
            Late = erlang:send_after(20000, watchdog, late),
            run(Tree, Steps),
            erlang:cancel_timer(Late),
            [exit(Pid, kill) || Pid <- processes() -- Before],
            settle(),
            _ = flush(),
            ets:delete_all_objects(facts),
            io:put_chars("done\n"),
            loop(Before)
    end.

%% ---- The driver.

run(Tree, Steps) ->
    Driver = self(),
    {before, Settings, Rest} = Steps,
    lists:foreach(fun step/1, Settings),
    Owner = spawn(fun() -> own(Tree, Driver) end),
    settle(),
    report(),
    lists:foreach(fun(Step) -> step(Step), settle(), report() end, Rest),
    Owner ! stop,
    settle(),
    report().

%% Nobody can run: everything that was to happen has. Seen twice in a row, since a process that is just being handed to
%% the scheduler is in no queue.
settle() -> settle(2).

settle(0) -> ok;
settle(Times) ->
    erlang:yield(),
    Rests = fun(Pid) -> lists:member(process_info(Pid, status), [{status, waiting}, undefined]) end,
    case erlang:statistics(run_queue) =:= 0 andalso lists:all(Rests, processes() -- [self()]) of
        true -> settle(Times - 1);
        false -> settle(2)
    end.

flush() ->
    log ! {take, self()},
    receive {events, Events} -> Events end.

report() ->
    io:put_chars([[Event, $\n] || Event <- flush()] ++ "step\n").

own(Tree, _) ->
    process_flag(trap_exit, true),
    case start(Tree) of
        {ok, Root} ->
            receive stop -> exit(Root, shutdown) end,
            receive never -> ok end;
        {error, _} -> log ! {event, "ended root failed"}
    end.

step({fail, Id, Times}) -> ets:insert(facts, {{fail, Id}, Times});
step({ignore, Id, Times}) -> ets:insert(facts, {{ignore, Id}, Times});
step({hook, When, Id, Actions}) -> ets:insert(facts, {{hook, When, Id}, Actions});
step({kill, Id}) ->
    case alive(Id) of
        {sup, Pid} -> ets:match_delete(facts, {{hook, '_', '_'}, '_'}), exit(Pid, kill);
        {work, Pid} -> exit(Pid, kill);
        none -> ok
    end;
step({order, Id, Order}) ->
    case alive(Id) of
        {sup, Pid} -> order(Pid, Id, Order);
        _ -> ok
    end;
step(Action) -> act(Action, none).

%% An end of a worker, or in a hook also an order to the supervisor that is busy.
act({'end', Id, Reason}, _) ->
    case alive(Id) of
        {work, Pid} when Pid =/= self() ->
            Monitor = monitor(process, Pid),
            Pid ! {die, Reason},
            receive {'DOWN', Monitor, process, Pid, _} -> ok end;
        _ -> ok
    end;
act({order, Id, Order}, Supervisor) -> order(Supervisor, Id, Order).

alive(Id) ->
    case ets:lookup(facts, {pid, Id}) of
        [{_, Kind, Pid}] -> case is_process_alive(Pid) of true -> {Kind, Pid}; false -> none end;
        [] -> none
    end.

hook(When, Id, Supervisor) ->
    Actions = ets:lookup(facts, {hook, When, Id}),
    ets:delete(facts, {hook, When, Id}),
    [act(Action, Supervisor) || {_, Of} <- Actions, Action <- Of].

%% ---- Orders: as gen_server:call/2 sends them, with the log as the one who waits.

order(Supervisor, Id, Order) ->
    Tag = make_ref(),
    log ! {order, Tag, Supervisor, Order},
    Supervisor ! {'$gen_call', {whereis(log), Tag}, request(Id, Order)}.

request(_, {start, Child}) -> {start_child, spec(Child)};
request(_, {one, Id}) -> {start_child, [Id]};
request(_, {terminate, Id}) -> {terminate_child, Id};
request(_, {terminate_one, Id}) ->
    case ets:lookup(facts, {pid, Id}) of
        [{_, _, Pid}] -> {terminate_child, Pid};
        [] -> {terminate_child, whereis(init)}
    end;
request(_, {restart, Id}) -> {restart_child, Id};
request(_, {delete, Id}) -> {delete_child, Id};
request(_, count) -> count_children;
request(_, list) -> which_children.

%% ---- The tree.

spec({work, Id, Restart, Shutdown, Significant} = Child) ->
    #{id => Id, start => {?MODULE, start, [Child]}, restart => Restart, shutdown => Shutdown, significant => Significant};
spec({sup, Id, Restart, Shutdown, Significant, _, _, _, _} = Child) ->
    #{id => Id, start => {?MODULE, start, [Child]}, restart => Restart, shutdown => Shutdown, significant => Significant,
      type => supervisor}.

start({sup, Id, _, _, _, _, _, _, _} = Child) ->
    case supervisor:start_link(?MODULE, Child) of
        {ok, Pid} -> up(sup, Id, Pid);
        Error -> Error
    end;
start({work, Id, _, _, _}) -> start(Id);
start(Id) ->
    log ! {event, ["start ", atom_to_list(Id)]},
    _ = [hook(start, Id, self()) || ets:match(facts, {{pid, '_'}, sup, self()}) =/= []],
    case {spend(fail, Id), spend(ignore, Id)} of
        {true, _} -> {error, scripted};
        {_, true} -> ignore;
        _ ->
            {ok, Pid} = proc_lib:start_link(?MODULE, begin_worker, [Id, self()]),
            up(work, Id, Pid)
    end.

spend(What, Id) ->
    case ets:lookup(facts, {What, Id}) of
        [{Key, Times}] when Times > 0 -> ets:insert(facts, {Key, Times - 1});
        _ -> false
    end.

up(Kind, Id, Pid) ->
    ets:insert(facts, {{pid, Id}, Kind, Pid}),
    Ref = make_ref(),
    %% Watched before anything can end it.
    log ! {up, Id, Pid, self(), Ref},
    receive Ref -> {ok, Pid} end.

init({sup, _, _, _, _, {dynamic, Restart, Shutdown, Significant}, Intensity, Auto, _}) ->
    Template = #{id => template, start => {?MODULE, start, []}, restart => Restart, shutdown => Shutdown,
                 significant => Significant},
    {ok, {flags(simple_one_for_one, Intensity, Auto), [Template]}};
init({sup, _, _, _, _, Strategy, Intensity, Auto, Children}) ->
    {ok, {flags(Strategy, Intensity, Auto), [spec(Child) || Child <- Children]}}.

%% A window that no test outlasts.
flags(Strategy, Intensity, Auto) ->
    #{strategy => Strategy, intensity => Intensity, period => 100000, auto_shutdown => Auto}.

begin_worker(Id, Parent) ->
    process_flag(trap_exit, true),
    proc_lib:init_ack({ok, self()}),
    receive
        {die, Reason} -> exit(Reason);
        {'EXIT', Parent, Reason} ->
            _ = [hook(stop, Id, Parent) || Reason =:= shutdown],
            exit(Reason)
    end.

%% ---- The log: events in order, and who waits for an answer.

log(Events, Waiting, Names) ->
    receive
        {take, From} ->
            From ! {events, lists:reverse(Events)},
            log([], Waiting, Names);
        {event, Event} -> log([Event | Events], Waiting, Names);
        {up, Id, Pid, From, Ref} ->
            Monitor = monitor(process, Pid),
            From ! Ref,
            log([["up ", atom_to_list(Id)] | Events], Waiting#{Monitor => {ended, Id}}, [{Pid, Id} | Names]);
        {order, Tag, Supervisor, Order} ->
            Monitor = monitor(process, Supervisor),
            log(Events, Waiting#{Tag => {order, Order, Monitor}, Monitor => {answer, Tag}}, Names);
        {'DOWN', Monitor, process, _, Reason} ->
            case maps:take(Monitor, Waiting) of
                {{ended, Id}, Left} -> log([["ended ", atom_to_list(Id), $\s, word(Reason)] | Events], Left, Names);
                {{answer, Tag}, Left} -> log(["=> no-supervisor" | Events], maps:remove(Tag, Left), Names);
                error -> log(Events, Waiting, Names)
            end;
        {Tag, Reply} ->
            {{order, Order, Monitor}, Left} = maps:take(Tag, Waiting),
            demonitor(Monitor, [flush]),
            log([["=> ", answer(Order, Reply, Names)] | Events], maps:remove(Monitor, Left), Names)
    end.

word(crash) -> "crash";
word({shutdown, _}) -> "shutdown";
word(Reason) -> atom_to_list(Reason).

answer(list, Children, Names) ->
    State = fun(restarting) -> "restarting"; (undefined) -> "undefined"; (_) -> "alive" end,
    Name = fun(undefined, Pid) when is_pid(Pid) -> name(Pid, Names); (Id, _) -> atom_to_list(Id) end,
    ["list", [[$\s, Name(Id, Pid), $:, State(Pid)] || {Id, Pid, _, _} <- lists:reverse(Children)]];
answer(count, Counts, _) ->
    io_lib:format("count ~p ~p ~p ~p", [proplists:get_value(Key, Counts) || Key <- [specs, active, supervisors, workers]]);
%% OTP says `ok` for any pid that is dead.
answer({terminate_one, _}, Reply, _) when Reply =:= ok; Reply =:= {error, not_found} -> "gone";
answer(_, ok, _) -> "done";
answer(_, {ok, undefined}, _) -> "ignored";
answer(_, {ok, Pid}, Names) -> ["started ", name(Pid, Names)];
answer(_, {error, {already_started, Pid}}, Names) -> ["already-started ", name(Pid, Names)];
answer(_, {error, already_present}, _) -> "already-present";
answer(_, {error, not_found}, _) -> "not-found";
answer(_, {error, running}, _) -> "running";
answer(_, {error, restarting}, _) -> "restarting";
answer(_, {error, simple_one_for_one}, _) -> "dynamic";
answer({start, _}, {error, {invalid_significant, _}}, _) -> "bad-spec";
answer({start, _}, {error, {bad_combination, _}}, _) -> "bad-spec";
answer(_, {error, _}, _) -> "failed".

name(Pid, Names) -> atom_to_list(proplists:get_value(Pid, Names)).
