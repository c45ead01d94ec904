package check

import (
	"slices"

	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_actors"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_clock"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_config"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_devices"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_log"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_messaging"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_names"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_routes"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_timers"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_topics"
	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	wit "greenroom.dev/actor/internal/wit/types"
)

// imports runs the check of a name, if it is one of these: its arguments are the lines of the message, its result what the
// function gave back.
func (a *Actor) imports(name string, args *args) (any, bool) {
	switch name {
	case "messaging.own-address":
		return shown(greenroom_actor_messaging.OwnAddress()), true
	case "messaging.send":
		to := args.address()
		return result(greenroom_actor_messaging.Send(to, args.message()), nothing, sendError), true
	case "messaging.start-ask":
		to := args.address()
		m := args.message()
		return result(greenroom_actor_messaging.StartAsk(to, m, args.number()), number, askError), true
	case "messaging.reply":
		request := args.number()
		var answer wit.Result[types.Message, string]
		if args.line() == "refuse" {
			answer = wit.Err[types.Message](args.text())
		} else {
			answer = wit.Ok[types.Message, string](args.message())
		}
		return result(greenroom_actor_messaging.Reply(request, answer), nothing, sendError), true
	case "asking.ask":
		if a.ask == nil {
			return nil, false
		}
		to := args.address()
		m := args.message()
		return result(a.ask(to, m, args.number()), message, askError), true
	case "actors.spawn":
		return spawn(args), true
	case "actors.link":
		greenroom_actor_actors.Link(args.address())
		return nil, true
	case "actors.unlink":
		greenroom_actor_actors.Unlink(args.address())
		return nil, true
	case "actors.monitor":
		return greenroom_actor_actors.Monitor(args.address()), true
	case "actors.demonitor":
		greenroom_actor_actors.Demonitor(args.number())
		return nil, true
	case "actors.trap-exits":
		greenroom_actor_actors.TrapExits(args.line() == "true")
		return nil, true
	case "actors.exit":
		whom := args.address()
		greenroom_actor_actors.Exit(whom, args.reason())
		return nil, true
	case "names.register":
		return result(greenroom_actor_names.Register(args.text()), nothing, nameError), true
	case "names.unregister":
		greenroom_actor_names.Unregister(args.text())
		return nil, true
	case "names.lookup":
		found := func(found wit.Option[types.Address]) any {
			if found.IsNone() {
				return nil
			}
			return shown(found.Some())
		}
		return result(greenroom_actor_names.Lookup(args.text()), found, nameError), true
	case "clock.now":
		return greenroom_actor_clock.Now(), true
	case "clock.wall":
		if wall := greenroom_actor_clock.Wall(); wall.IsSome() {
			return wall.Some(), true
		}
		return nil, true
	case "config.get":
		return greenroom_actor_config.Get(), true
	case "log.write":
		level := slices.Index([]string{"trace", "debug", "info", "warn", "error"}, args.line())
		greenroom_actor_log.Write(uint8(level), args.text())
		return nil, true
	case "timers.send-after":
		delay := args.number()
		to := args.address()
		return result(greenroom_actor_timers.SendAfter(delay, to, args.message()), number, sendError), true
	case "timers.send-every":
		interval := args.number()
		to := args.address()
		return result(greenroom_actor_timers.SendEvery(interval, to, args.message()), number, sendError), true
	case "timers.cancel":
		greenroom_actor_timers.Cancel(args.number())
		return nil, true
	case "topics.publish":
		topic := args.text()
		return result(greenroom_actor_topics.Publish(topic, args.message()), nothing, topicError), true
	case "topics.subscribe":
		return result(greenroom_actor_topics.Subscribe(args.text()), nothing, topicError), true
	case "topics.unsubscribe":
		greenroom_actor_topics.Unsubscribe(args.text())
		return nil, true
	case "routes.set":
		pattern := args.text()
		var receivers []types.Address
		for len(args.left) > 0 {
			receivers = append(receivers, args.address())
		}
		return result(greenroom_actor_routes.Set(pattern, receivers), nothing, text), true
	case "routes.current":
		return result(greenroom_actor_routes.Current(), routes, text), true
	case "devices.read":
		reading := func(reading greenroom_actor_devices.Reading) any {
			return object{"at": reading.At, "value": reading.Value}
		}
		return result(greenroom_actor_devices.Read(args.text()), reading, readError), true
	case "devices.watch":
		return result(greenroom_actor_devices.Watch(args.text()), nothing, readError), true
	case "devices.write":
		device := args.text()
		return result(greenroom_actor_devices.Write(device, args.float()), nothing, writeError), true
	}
	return nil, false
}

func routes(all []greenroom_actor_routes.Route) any {
	routes := []any{}
	for _, route := range all {
		receivers := []string{}
		for _, one := range route.Receivers {
			receivers = append(receivers, shown(one))
		}
		routes = append(routes, object{"pattern": route.Pattern, "receivers": receivers})
	}
	return routes
}

func spawn(args *args) any {
	behavior := args.text()
	config := args.text()
	options := greenroom_actor_actors.Options{Name: wit.None[string](), Grants: wit.None[[]string]()}
	if name := args.text(); name != "" {
		options.Name = wit.Some(name)
	}
	switch args.line() {
	case "link":
		options.Relation = greenroom_actor_actors.Relation_Link
	case "monitor":
		options.Relation = greenroom_actor_actors.Relation_Monitor
	case "both":
		options.Relation = greenroom_actor_actors.Relation_Link | greenroom_actor_actors.Relation_Monitor
	}
	// `grants` and then one a line; without that word, none are named.
	if args.line() == "grants" {
		var grants []string
		for len(args.left) > 0 {
			grants = append(grants, args.text())
		}
		options.Grants = wit.Some(grants)
	}
	return result(greenroom_actor_actors.Spawn(behavior, config, options), func(spawned greenroom_actor_actors.Spawned) any {
		args.spawned = &spawned.Address
		var monitor any
		if spawned.Monitor.IsSome() {
			monitor = spawned.Monitor.Some()
		}
		return object{"address": shown(spawned.Address), "monitor": monitor}
	}, spawnError)
}
