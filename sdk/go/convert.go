package actor

import types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"

// The words of the contract's reasons, by their tags.
var causes = [...]string{
	"normal", "shutdown", "killed", "failed", "trapped", "out-of-time", "out-of-memory", "no-actor", "unreachable", "other",
}

func reasonIn(why types.Reason) Reason {
	reason := Reason{Cause: "other"}
	if int(why.Tag()) < len(causes) {
		reason.Cause = causes[why.Tag()]
	}
	switch why.Tag() {
	case types.Reason_Failed:
		reason.Text = why.Failed()
	case types.Reason_Trapped:
		reason.Text = why.Trapped()
	case types.Reason_Other:
		reason.Text = why.Other()
	}
	return reason
}

func reasonOut(why Reason) types.Reason {
	switch why.Cause {
	case "normal", "":
		return types.MakeReasonNormal()
	case "shutdown":
		return types.MakeReasonShutdown()
	case "killed":
		return types.MakeReasonKilled()
	case "failed":
		return types.MakeReasonFailed(why.Text)
	case "trapped":
		return types.MakeReasonTrapped(why.Text)
	case "out-of-time":
		return types.MakeReasonOutOfTime()
	case "out-of-memory":
		return types.MakeReasonOutOfMemory()
	case "no-actor":
		return types.MakeReasonNoActor()
	case "unreachable":
		return types.MakeReasonUnreachable()
	default:
		return types.MakeReasonOther(why.Text)
	}
}

func askError(why types.AskError) error {
	switch why.Tag() {
	case types.AskError_NoActor:
		return ErrNoActor
	case types.AskError_MailboxFull:
		return ErrMailboxFull
	case types.AskError_TooLarge:
		return tooLarge(why.TooLarge())
	case types.AskError_Invalid:
		return with(ErrInvalid, "%s", why.Invalid())
	case types.AskError_NotGranted:
		return with(ErrNotGranted, "%s", why.NotGranted())
	case types.AskError_TimedOut:
		return ErrTimedOut
	case types.AskError_Restarting:
		return ErrRestarting
	case types.AskError_WouldDeadlock:
		return with(ErrWouldDeadlock, "the answer could never come: %s", why.WouldDeadlock())
	case types.AskError_Refused:
		return with(ErrRefused, "%s", why.Refused())
	case types.AskError_Ended:
		return with(ErrEnded, "it ended before it answered: %v", reasonIn(why.Ended()))
	case types.AskError_Unreachable:
		return ErrUnreachable
	default:
		return with(ErrOther, "%s", why.Other())
	}
}

func nextOut(result next) types.Next {
	switch result.tag {
	case tagChanged:
		return types.MakeNextChanged()
	case tagDefer:
		return types.MakeNextDefer()
	case tagUnhandled:
		return types.MakeNextUnhandled(result.text)
	case tagBecome:
		return types.MakeNextBecome(result.text)
	case tagStop:
		return types.MakeNextStop()
	default:
		return types.MakeNextSame()
	}
}
