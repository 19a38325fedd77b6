package router

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// everyone, in the table below, is who may call without saying who they are.
const everyone model.Role = "everyone"

// accountRoutes is where the routes lie that are an account's.
const accountRoutes = "/api/v1/accounts/:account"

// access says which role may call which route of the API; what it doesn't name nobody may
// call. An owner may act on its own accounts only, whatever the table says.
func access() map[string][]model.Role {
	owners := []model.Role{model.RoleSuperAdmin, model.RoleOwner}
	people := append(slices.Clone(owners), model.RoleSeat)
	members := append(slices.Clone(people), model.RoleMember)
	table := map[string][]model.Role{
		"GET /api/openapi.json":     {everyone},
		"GET /api/openapi.yaml":     {everyone},
		"GET /api/openapi-3.0.json": {everyone},
		"GET /api/openapi-3.0.yaml": {everyone},
		"GET /api/v1/login-options": {everyone},
		"POST /api/v1/logins":       {everyone},
		"POST /api/v1/logout":       {everyone},
		"GET /api/v1/logins":        members, // each sees its own
		"DELETE /api/v1/logins":     members,
		"DELETE /api/v1/logins/:id": members,
		"GET /api/v1/me":            members,
		"GET /api/v1/accounts":      people, // each sees its own
		"GET /api/v1/live":          people,
		"GET /api/v1/account-cards": owners, // each sees those it runs

		"GET /api/v1/super-admins":                  {model.RoleSuperAdmin},
		"POST /api/v1/super-admins":                 {model.RoleSuperAdmin},
		"DELETE /api/v1/super-admins/:corp/:userid": {model.RoleSuperAdmin},

		"GET /api/v1/calendar/:year": owners,
		"PUT /api/v1/calendar/:year": {model.RoleSuperAdmin},

		"GET /api/v1/audit":              {model.RoleSuperAdmin},
		"GET /api/v1/audit/export":       {model.RoleSuperAdmin},
		"GET /api/v1/audit/verification": {model.RoleSuperAdmin},
		"GET /api/v1/dead-letters":       {model.RoleSuperAdmin},
		"GET /api/v1/system":             {model.RoleSuperAdmin},
		"GET /api/v1/tokens":             {model.RoleSuperAdmin},
		"POST /api/v1/tokens":            {model.RoleSuperAdmin},
		"DELETE /api/v1/tokens/:id":      {model.RoleSuperAdmin},

		"POST /api/v1/erasure-plans":      {model.RoleSuperAdmin},
		"GET /api/v1/erasures":            {model.RoleSuperAdmin},
		"POST /api/v1/erasures":           {model.RoleSuperAdmin},
		"GET /api/v1/erasures/:id":        {model.RoleSuperAdmin},
		"GET /api/v1/erasures/:id/report": {model.RoleSuperAdmin},
	}
	maps.Copy(table, setupRoutes(owners))
	for route := range myRoutes() {
		table[route] = members
	}
	table["GET /api/v1/surveys/:ticket"] = []model.Role{everyone} // by a signed link
	table["PUT /api/v1/surveys/:ticket"] = []model.Role{everyone}
	for path, methods := range deskRoutes() {
		for _, m := range methods {
			table[m+" "+accountRoutes+path] = people
		}
	}
	table["POST "+accountRoutes+"/sessions/:id/takeover"] = owners
	table["GET /api/v1/statistics/definitions"] = people
	for _, path := range []string{"/survey", "/service", "/sessions", "/comments", "/export"} {
		table["GET "+accountRoutes+"/statistics"+path] = people // a seat gets its own
	}
	for route := range permissions() {
		table[route] = people
	}
	table["PUT "+accountRoutes+"/settings/profile"] = people // a seat's permission decides
	table["GET "+accountRoutes+"/settings"] = people
	table["PUT "+accountRoutes+"/settings/avatar"] = people // as the profile
	table["DELETE "+accountRoutes+"/settings/avatar"] = people
	table["GET "+accountRoutes+"/avatar/:sum"] = people
	table["PUT "+accountRoutes+"/group-bot"] = []model.Role{model.RoleSuperAdmin} // as the connection of the app
	table["DELETE "+accountRoutes+"/group-bot"] = []model.Role{model.RoleSuperAdmin}
	table["PUT "+accountRoutes+"/settings/scope"] = []model.Role{model.RoleSuperAdmin}
	for _, section := range []string{"assignment", "service", "hours", "survey", "other", "retention", "group"} {
		table["PUT "+accountRoutes+"/settings/"+section] = owners
	}
	for path, methods := range map[string][]string{
		"/bot":                     {http.MethodGet, http.MethodPut},
		"/overview":                {http.MethodGet},
		"/hour-previews":           {http.MethodPost},
		"/group-bot":               {http.MethodGet},
		"/group-chats":             {http.MethodGet},
		"/threshold-previews":      {http.MethodPost},
		"/threshold-suggestion":    {http.MethodGet},
		"/llm-usage":               {http.MethodGet},
		"/seats":                   {http.MethodGet},
		"/seats/:userid":           {http.MethodPut, http.MethodDelete},
		"/seats/:userid/state":     {http.MethodPut},
		"/members":                 {http.MethodGet},
		"/departments":             {http.MethodGet},
		"/audit":                   {http.MethodGet},
		"/audit/export":            {http.MethodGet},
		"/audit/verification":      {http.MethodGet},
		"/dead-letters":            {http.MethodGet},
		"/dead-letters/:id":        {http.MethodGet},
		"/dead-letter-counts":      {http.MethodGet},
		"/dead-letter-retries":     {http.MethodPost},
		"/dead-letter-discards":    {http.MethodPost},
		"/retention":               {http.MethodGet},
		"/webhooks":                {http.MethodGet, http.MethodPost},
		"/webhooks/:id":            {http.MethodPut, http.MethodDelete},
		"/webhooks/:id/secret":     {http.MethodPost},
		"/webhooks/:id/ping":       {http.MethodPost},
		"/webhooks/:id/replays":    {http.MethodPost},
		"/webhooks/:id/deliveries": {http.MethodGet},
		"/webhooks/:id/deliveries/:delivery/replay": {http.MethodPost},
	} {
		for _, m := range methods {
			table[m+" "+accountRoutes+path] = owners
		}
	}
	return table
}

// deskRoutes are those of an account that its seats may call, too: the sessions that they
// work on. What each sees of them and may do there is the handlers' to say.
func deskRoutes() map[string][]string {
	return map[string][]string{
		"/me":                               {http.MethodGet},
		"/me/state":                         {http.MethodPut},
		"/next":                             {http.MethodPost},
		"/files":                            {http.MethodPost},
		"/sessions":                         {http.MethodGet},
		"/sessions/:id":                     {http.MethodGet},
		"/sessions/:id/messages":            {http.MethodGet},
		"/sessions/:id/messages/:seq/media": {http.MethodGet},
		"/sessions/:id/claim":               {http.MethodPost},
		"/sessions/:id/replies":             {http.MethodPost},
		"/sessions/:id/notes":               {http.MethodPost},
		"/sessions/:id/transfer":            {http.MethodPost},
		"/sessions/:id/end":                 {http.MethodPost},
		"/sessions/:id/keep":                {http.MethodPost},
		"/sessions/:id/recall":              {http.MethodPost},
		"/employees/:userid/sessions":       {http.MethodGet},
		"/desk":                             {http.MethodGet},
		"/session-counts":                   {http.MethodGet},
		"/colleagues":                       {http.MethodGet},
		"/sessions/:id/seen":                {http.MethodPut},
		"/sessions/:id/candidates":          {http.MethodGet},
		"/sessions/:id/deliveries":          {http.MethodGet},
		"/quick-replies":                    {http.MethodGet, http.MethodPost},
		"/quick-replies/:id":                {http.MethodPut, http.MethodDelete},
		"/quick-reply-orders":               {http.MethodPost},
	}
}

// setupRoutes are those on which accounts are made, connected, watched and taken away: owners run
// theirs, but which app they are, who owns them and whether they exist is a super admin's.
func setupRoutes(owners []model.Role) map[string][]model.Role {
	super := []model.Role{model.RoleSuperAdmin}
	return map[string][]model.Role{
		"POST /api/v1/accounts":                       super,
		"GET /api/v1/domain-files":                    super,
		"PUT /api/v1/domain-files/:name":              super,
		"DELETE /api/v1/domain-files/:name":           super,
		"GET " + accountRoutes + "/setup":             owners,
		"GET " + accountRoutes + "/checks":            owners,
		"PUT " + accountRoutes + "/enabled":           owners,
		"PUT " + accountRoutes + "/connection":        super,
		"GET " + accountRoutes + "/owners":            super,
		"PUT " + accountRoutes + "/owners/:userid":    super,
		"DELETE " + accountRoutes + "/owners/:userid": super,
		"GET " + accountRoutes + "/removal":           super,
		"POST " + accountRoutes + "/removal":          super,
	}
}

// myRoutes are those on which members look up what is their own, whatever they are besides.
func myRoutes() map[string]bool {
	const record = "/api/v1/my/services/:service/records/:id"
	return map[string]bool{
		"GET /api/v1/my": true, "GET /api/v1/my/services": true, "GET /api/v1/my/services/:service": true, "GET /api/v1/my/services/:service/avatar/:sum": true,
		"POST /api/v1/my/services/:service/contact": true, "GET /api/v1/my/records": true,
		"GET " + record: true, "GET " + record + "/messages": true, "GET " + record + "/messages/:seq/media": true,
		"POST " + record + "/upload-link": true,
	}
}

// permissions are what a seat needs for a route besides being one.
func permissions() map[string]model.SeatPermission {
	needs := map[string]model.SeatPermission{
		"GET " + accountRoutes + "/settings":         model.MayProfile,
		"PUT " + accountRoutes + "/settings/profile": model.MayProfile,

		"PUT " + accountRoutes + "/settings/avatar":    model.MayProfile,
		"DELETE " + accountRoutes + "/settings/avatar": model.MayProfile,
	}
	for path, methods := range knowledgeRoutes() {
		for _, m := range methods {
			needs[m+" "+accountRoutes+path] = model.MayKnowledge
		}
	}
	for _, path := range []string{
		"/records", "/records/export", "/records/:id", "/records/:id/messages", "/records/:id/decisions",
		"/records/:id/transcript", "/employees/:userid/records",
	} {
		needs["GET "+accountRoutes+path] = model.MayRead
	}
	return needs
}

// knowledgeRoutes are those of an account's knowledge base.
func knowledgeRoutes() map[string][]string {
	return map[string][]string{
		"/ask":                   {http.MethodPost},
		"/entries":               {http.MethodGet, http.MethodPost},
		"/entries/:id":           {http.MethodGet, http.MethodPut, http.MethodDelete},
		"/entries/:id/history":   {http.MethodGet},
		"/entries/:id/restore":   {http.MethodPost},
		"/entry-checks":          {http.MethodPost},
		"/entry-changes":         {http.MethodPost},
		"/entry-change-previews": {http.MethodPost},
		"/groups":                {http.MethodGet, http.MethodPost, http.MethodDelete},
		"/group-moves":           {http.MethodPost},
		"/group-orders":          {http.MethodPost},
		"/synonyms":              {http.MethodGet, http.MethodPut},
		"/synonym-checks":        {http.MethodPost},
		"/changes":               {http.MethodGet},
		"/changes/:version/undo": {http.MethodPost},
		"/golden":                {http.MethodGet, http.MethodPost},
		"/golden/:id":            {http.MethodDelete},
		"/golden-runs":           {http.MethodPost},
		"/imports":               {http.MethodGet, http.MethodPost},
		"/imports/:id":           {http.MethodGet},
		"/imports/:id/report":    {http.MethodGet},
		"/imports/:id/apply":     {http.MethodPost},
		"/imports/:id/undo":      {http.MethodPost},
		"/export":                {http.MethodGet},
		"/template":              {http.MethodGet},
		"/media":                 {http.MethodPost},
		"/media/:id":             {http.MethodGet},
		"/questions":             {http.MethodGet},
		"/misses":                {http.MethodGet},
		"/misses/draft":          {http.MethodPost},
		"/misses/solve":          {http.MethodPost},
		"/misses/ignore":         {http.MethodPost},
	}
}

// Allows tells by the table whether a role may call a route, as a seat where it is one.
func Allows() handler.Rights {
	table, needs := access(), permissions()
	return func(route string, role model.Role, seat *model.Seat) bool {
		roles := table[route]
		if slices.Contains(roles, everyone) {
			return true
		}
		p, needed := needs[route]
		return slices.Contains(roles, role) && (!needed || role != model.RoleSeat || seat != nil && seat.May(p))
	}
}

// documentRoles says in the document who may call an operation, as the table has it.
func documentRoles(doc *huma.OpenAPI) {
	table, needs := access(), permissions()
	for path, item := range doc.Paths {
		path = strings.NewReplacer("{", ":", "}", "").Replace(path)
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			route := op.Method + " " + path
			if op.Extensions == nil {
				op.Extensions = map[string]any{}
			}
			op.Extensions["x-roles"] = table[route]
			if p, ok := needs[route]; ok {
				op.Extensions["x-permission"] = p
			}
		}
	}
}

// guard lets through whom the table allows.
func guard(gate *handler.Gate) gin.HandlerFunc {
	table, needs := access(), permissions()
	return func(c *gin.Context) {
		if gate.SameOrigin(c); c.IsAborted() {
			return
		}
		route := c.Request.Method + " " + c.FullPath()
		roles := table[route]
		if len(roles) == 1 && roles[0] == everyone {
			gate.Remember(c)
			c.Next()
			return
		}
		gate.Authenticate(c)
		if c.IsAborted() || !gate.Allow(c, roles...) {
			return
		}
		if p, ok := needs[route]; ok && !gate.Permit(c, p) {
			return
		}
		c.Next()
	}
}
