package gpu

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

const fragile = "testdata/fragile" // see graphs.py

// A device that fails on a text makes the check fail and the text blocked. On the CPU
// the next text is judged as ever. On a card the context of the process is
// broken then: the device must fail its known answers and be retired, the service
// say NOT_SERVING, and no text be let pass until somebody starts it anew.
func TestDeviceErrorBlocks(t *testing.T) {
	s := service(t, fragile)
	if v := ask(t, s, "good morning"); v.GetDecision() != pb.Decision_DECISION_ALLOW {
		t.Fatalf("a harmless text: %v", v)
	}
	expectBlocked(t, ask(t, s, "good poison"))
	if !onCard() {
		up := metric(t, s, "portcullis_executor_up", `model="fragile"`) // one a session: the CPU may have a second for lone texts
		if len(up) == 0 || slices.Contains(up, 0) {
			t.Errorf("portcullis_executor_up is %v: one text that fails must not retire the CPU", up)
		}
		if v := ask(t, s, "good evening"); v.GetDecision() != pb.Decision_DECISION_ALLOW {
			t.Errorf("a harmless text after the failure: %v", v)
		}
		return
	}
	for range 20 {
		expectBlocked(t, ask(t, s, "good evening"))
	}
	expectRetired(t, s)
}

// ask returns the verdict, nil where there is none: an error lets nothing pass either.
func ask(t *testing.T, s *Service, text string) *pb.ValidateResponse {
	t.Helper()
	out := Load{Conn: s.Conn, Streams: 1, Window: 1}.Run(t.Context(), []string{text})
	if len(out.Verdicts) == 1 {
		return out.Verdicts[0]
	}
	t.Logf("no verdict: %v %v", out.Rejected, out.Ended)
	return nil
}

// expectBlocked wants BLOCK and a failed check, or no verdict at all.
func expectBlocked(t *testing.T, v *pb.ValidateResponse) {
	t.Helper()
	if v == nil {
		return
	}
	if v.GetDecision() != pb.Decision_DECISION_BLOCK {
		t.Errorf("%s, want BLOCK: %v", v.GetDecision(), v.GetChecks())
	}
	for _, c := range v.GetChecks() {
		if c.GetCheck() == "fragile" && c.GetState() == pb.CheckState_CHECK_STATE_COMPLETED {
			t.Errorf("the check on a broken device: %v", c)
		}
	}
}

// expectRetired waits for the service to say that it has no device left.
func expectRetired(t *testing.T, s *Service) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for {
		code, _, err := s.Get(t.Context(), "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		if code == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a minute after its only device broke, the service still says that it serves")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if up := metric(t, s, "portcullis_executor_up", ""); len(up) != 1 || up[0] != 0 {
		t.Errorf("portcullis_executor_up is %v, want that the one device is down", up)
	}
}

// A batch for which the card has no memory is an error, and the device works on.
func TestOutOfMemoryIsAnError(t *testing.T) {
	needCard(t)
	_, g := first(t)
	c := config(t, provider())
	c.MemoryLimit = 1 << 30
	r := open(t, c)
	backend, draw := session(t, r, g, 0), NewDraw(19)
	small := draw.Windows([]int{8}, g.Vocabulary)
	want := run(t, backend, small)
	huge := make([]inference.Encoding, 65536)
	for i := range huge {
		huge[i] = draw.Window(g.MaxLength, g.Vocabulary)
	}
	if _, err := backend.Run(t.Context(), huge); err == nil {
		t.Errorf("%d windows of %d tokens fitted into 1 GiB", len(huge), g.MaxLength)
	}
	if apart := distance(run(t, backend, small)[0], want[0]); apart > roundOff(g.Precision) {
		t.Errorf("afterwards a window scores %g apart", apart)
	}
}
