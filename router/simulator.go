package router

import (
	"log/slog"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/web"
)

// NewSimulator makes the HTTP handler of the simulator: its page, the API behind it, and
// wecom, which plays WeCom's own API and sign-in pages. It answers only to names of this
// machine, so that no page from elsewhere can reach it through a name of its own.
func NewSimulator(sim *handler.Simulator, wecom http.Handler, log *slog.Logger) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	_ = r.SetTrustedProxies(nil)
	r.Use(requestID, accessLog(log), recovered(log), localNames)

	// For the app: as WeCom is called.
	r.Any("/cgi-bin/*path", gin.WrapH(wecom))
	r.GET("/aibot", gin.WrapH(wecom))
	r.GET("/aibot/*path", gin.WrapH(wecom))
	r.Any("/connect/oauth2/*path", gin.WrapH(wecom))
	r.Any("/wwlogin/*path", gin.WrapH(wecom))

	// For the page.
	r.Use(securityHeaders, pageHeaders, sameOrigin())
	sim.Register(r)
	r.NoRoute(securityHeaders, pageHeaders, gin.WrapH(web.Page("simulator.html")))
	return r
}

// localNames refuses requests for any host but this machine.
func localNames(c *gin.Context) {
	host, _, err := net.SplitHostPort(c.Request.Host)
	if err != nil {
		host = c.Request.Host
	}
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.AbortWithStatus(http.StatusForbidden)
		return
	}
	c.Next()
}

// sameOrigin refuses writes that a page from elsewhere makes.
func sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Next()
	}
}

// pageHeaders lets the page load what is its own, and pictures.
func pageHeaders(c *gin.Context) {
	c.Writer.Header().Set("Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
			"img-src 'self' data: http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	c.Next()
}
