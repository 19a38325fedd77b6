package router

import (
	"net/http"

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
	table := map[string][]model.Role{
		"GET /api/openapi.json":     {everyone},
		"GET /api/openapi.yaml":     {everyone},
		"GET /api/openapi-3.0.json": {everyone},
		"GET /api/openapi-3.0.yaml": {everyone},
		"GET /api/v1/me":            owners,
		"GET /api/v1/accounts":      owners, // each sees its own
	}
	for path, methods := range map[string][]string{
		"/bot":                   {http.MethodGet, http.MethodPut},
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
		"/threshold-previews":    {http.MethodPost},
		"/threshold-suggestion":  {http.MethodGet},
		"/llm-usage":             {http.MethodGet},
	} {
		for _, m := range methods {
			table[m+" "+accountRoutes+path] = owners
		}
	}
	table["GET "+accountRoutes+"/sessions/:id/messages/:seq/media"] = owners
	return table
}

// guard lets through whom the table allows.
func guard(gate *handler.Gate) gin.HandlerFunc {
	table := access()
	return func(c *gin.Context) {
		roles := table[c.Request.Method+" "+c.FullPath()]
		if len(roles) == 1 && roles[0] == everyone {
			c.Next()
			return
		}
		gate.Authenticate(c)
		if c.IsAborted() || !gate.Allow(c, roles...) {
			return
		}
		c.Next()
	}
}
