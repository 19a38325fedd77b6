package bot

import "deskmate/model"

// Why an act of a seat or a supervisor is refused: the reasons that an event's record, an
// [Act]'s error and the workbench share.
const (
	reasonNotServing  = "not_serving"      // the session is with somebody else, or with nobody
	reasonClosed      = "closed"           // the session has closed
	reasonClaimFirst  = "claim_first"      // it goes to all seats, and one must take it before it answers
	reasonClaimed     = "claimed"          // another seat has it; Detail.Seat
	reasonNotWaiting  = "not_waiting"      // it waits no longer, and nobody else has it
	reasonSeatFull    = "seat_full"        // the seat serves as many as it may, or is no seat of the account
	reasonOwnSession  = "own_session"      // the seat is the session's employee
	reasonQueueEmpty  = "queue_empty"      // nothing waits that the seat may take
	reasonTransfer    = "transfer_refused" // the seat it should go to can't take it
	reasonSameSeat    = "same_seat"        // it is with that seat already
	reasonInQueue     = "in_queue"         // it is in the queue already
	reasonEmpty       = "empty"            // nothing is in it
	reasonDisabled    = "account_disabled"
	reasonNotSent     = "nothing_sent"     // the seat has sent nothing that could be taken back
	reasonRecalled    = "recalled_already" // it was taken back before
	reasonTooOld      = "too_old"          // WeCom takes back nothing older than a day
	reasonTogether    = "sent_together"    // it went out in one message with others
	reasonSending     = "being_sent"       // it is on its way at this moment
	reasonUnconfirmed = "unconfirmed"      // nobody knows whether it arrived
	reasonUndelivered = "undelivered"      // it never arrived
)

// refusalText says to people why an act was refused.
func refusalText(reason string) string {
	switch reason {
	case reasonNotServing:
		return "会话已不由您接待"
	case reasonClosed:
		return "会话已结束"
	case reasonClaimFirst:
		return "请先接待"
	case reasonClaimed:
		return "会话已由其他坐席接待"
	case reasonNotWaiting:
		return "会话已不在排队"
	case reasonSeatFull:
		return "接待数已满，或不是该账号的坐席"
	case reasonOwnSession:
		return "不能接待自己的会话"
	case reasonQueueEmpty:
		return "暂无排队"
	case reasonTransfer:
		return "对方现在不能接待（未上线或已满）"
	case reasonSameSeat:
		return "会话已由该坐席接待"
	case reasonInQueue:
		return "会话已在排队"
	case reasonEmpty:
		return "内容不能为空"
	case reasonDisabled:
		return "账号已停用"
	}
	return recallText(reason)
}

// recallText says why a message can't be taken back.
func recallText(reason string) string {
	switch reason {
	case reasonNotSent:
		return "没有可撤回的消息"
	case reasonRecalled:
		return "该消息已撤回"
	case reasonTooOld:
		return "发出超过 24 小时，不能撤回"
	case reasonTogether:
		return "该消息与其他消息合并发出，不能单独撤回"
	case reasonSending:
		return "消息正在发送，请稍后再撤回"
	case reasonUnconfirmed:
		return "企业微信没有确认是否送达，不能撤回"
	case reasonUndelivered:
		return "消息没有送达，无需撤回"
	}
	return "操作未执行"
}

// refusal is the error of an act that was refused.
func refusal(reason string) *model.Error {
	return &model.Error{Code: model.CodeConflict, Reason: reason, Message: refusalText(reason)}
}
