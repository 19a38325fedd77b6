package main

import (
	"net/netip"

	"deskmate/bot"
	"deskmate/webhook"
)

// wireWebhooks makes what calls the webhooks of accounts.
func (s *server) wireWebhooks(p program, m *metrics) {
	s.hooks = webhook.New(webhook.Config{Inside: prefixes(s.cfg.WebhookNetworks), Agent: "Deskmate/" + version, Now: p.now})
	s.webhooks = bot.NewWebhooks(bot.WebhooksConfig{
		Store: s.store, Send: s.hooks.Send, Wakes: s.wakes.hooks, Poll: hookPoll, Now: p.now, Log: s.log, Observe: m.webhook,
	})
}

// prefixes are networks that the settings have checked; an address is a network of one.
func prefixes(list []string) []netip.Prefix {
	var nets []netip.Prefix
	for _, text := range list {
		if addr, err := netip.ParseAddr(text); err == nil {
			nets = append(nets, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
		} else if net, err := netip.ParsePrefix(text); err == nil {
			nets = append(nets, net.Masked())
		}
	}
	return nets
}
