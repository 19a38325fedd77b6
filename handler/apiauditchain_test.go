package handler_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExportAudits(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	w := callAPI(t, f, http.MethodGet, "audit/export?actor=Li&limit=1", "")
	want := "\ufeff时间,操作人,姓名,操作,对象,对象姓名,变更前,变更后,来源地址,序号,校验值\n" +
		`1970-01-01T00:00:00.001Z,seat:li,Nli,seat.changed,wang,Nwang,"{""n"":1}",text,10.0.0.1,,` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); w.Code != http.StatusOK || diff != "" {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
	did := []string{"audit 7 token:sync audit.export ", "audits {AccountID:7 Actors:[seat:li member:li] Action: Target: FromMS:0 ToMS:0} {AtMS:0 ID:0} 500"}
	if diff := cmp.Diff(did, f.did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, "-audit-") || !strings.HasSuffix(got, ".csv") {
		t.Errorf("file: %s", got)
	}
}
