package door

import (
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// owing is a connection that may owe 100,000 bytes once it is known.
func owing(t *testing.T) (*Door, *Conn) {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = there.Close() })
	d := New(Limits{Debt: 100_000}, slog.New(slog.DiscardHandler))
	c := d.admit(here)
	t.Cleanup(func() { _ = c.Close() })
	return d, c
}

// Who owes too much for too long is cut off; who pays in time is not, however often.
func TestWhoDoesNotTakeItsAnswersIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, c := owing(t)
		c.Know("a caller")
		c.Owe(100_000)
		time.Sleep(2 * maxWrite)
		for range 3 {
			if c.Indebted() {
				t.Error("owes too much already")
			}
			if c.Owe(1); !c.Indebted() {
				t.Error("does not owe too much")
			}
			time.Sleep(maxWrite - 1)
			c.Pay(1)
		}
		time.Sleep(2 * maxWrite)
		if s := d.Stats(); s.Open != 1 || s.Unread != 0 {
			t.Errorf("%+v of one that pays", s)
		}
		c.Owe(1)
		time.Sleep(maxWrite / 2)
		c.Owe(1) // to ask for more gives no more time
		time.Sleep(maxWrite/2 + 1)
		if s := d.Stats(); s.Open != 0 || s.Unread != 1 {
			t.Errorf("%+v of one that does not pay", s)
		}
	})
}

// Who takes as much as it may owe in the time that it has is slow and not gone, however much
// it owes all along; who takes less is gone.
func TestWhoTakesItsAnswersSlowlyIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, c := owing(t)
		c.Know("a caller")
		c.Owe(1_000_000)
		for range 8 {
			time.Sleep(maxWrite / 4)
			c.Pay(50_000)
		}
		if s := d.Stats(); s.Open != 1 || s.Unread != 0 {
			t.Errorf("%+v of one that takes as much as it may owe", s)
		}
		c.Pay(49_999)
		time.Sleep(2 * maxWrite)
		if s := d.Stats(); s.Open != 0 || s.Unread != 1 {
			t.Errorf("%+v of one that takes less", s)
		}
	})
}

// One that has gone by itself was not closed for what it owed.
func TestWhoHasGoneIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, c := owing(t)
		c.Owe(1_000_000)
		_ = c.Close()
		time.Sleep(2 * maxWrite)
		if s := d.Stats(); s.Open != 0 || s.Unread != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A stranger may owe less, and what it owes when it becomes known is no reason to end it.
func TestStrangersOweLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, c := owing(t)
		if c.Owe(strangersOwe + 1); !c.Indebted() {
			t.Error("as much as one that is known")
		}
		if c.Know("a caller"); c.Indebted() {
			t.Error("known, and may owe no more")
		}
		time.Sleep(2 * maxWrite)
		if s := d.Stats(); s.Open != 1 {
			t.Error("cut off")
		}
		c.Owe(100_000)
		time.Sleep(maxWrite + 1)
		if s := d.Stats(); s.Unread != 1 {
			t.Error("never cut off any more")
		}
		var nobody *Conn
		nobody.Owe(1 << 30)
		if nobody.Pay(1); nobody.Indebted() {
			t.Error("a connection of no door owes something")
		}
	})
}

// Who owes the most is closed for memory, as who has sent the most is.
func TestReliefTakesWhoOwes(t *testing.T) {
	d, c := owing(t)
	_, there := net.Pipe()
	other := d.admit(there)
	c.Know("a caller")
	other.Know("another")
	c.Owe(10_000)
	other.weigh(9_000, time.Now())
	if n := d.Relieve(); n != 1 || other.SetReadDeadline(time.Time{}) != nil {
		t.Errorf("%d were closed, and not who owes the most", n)
	}
}
