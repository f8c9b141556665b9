package latchkey

import (
	"sync"
	"time"
)

// usedProofsCapacity is how many proofs are remembered. One is usable for 65 seconds, so this is 1500 requests a second.
const usedProofsCapacity = 100_000

// UsedProofs remembers proofs in the memory of this process; behind one address there may be one process. If no more can be
// remembered, requests are refused, because a proof that is not remembered could be used again. It is safe for concurrent use.
type UsedProofs struct {
	mutex    sync.Mutex
	used     map[[2]string]int64
	capacity int
	now      func() time.Time
}

// NewUsedProofs remembers no proof yet.
func NewUsedProofs() *UsedProofs {
	return &UsedProofs{used: map[[2]string]int64{}, capacity: usedProofsCapacity, now: time.Now}
}

// Mark marks a proof as used. It returns false if the proof was used before.
func (u *UsedProofs) Mark(proof Proof) bool {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if len(u.used) >= u.capacity {
		now := u.now().Unix()
		for key, until := range u.used {
			if until < now {
				delete(u.used, key)
			}
		}
	}
	key := [2]string{proof.Thumbprint, proof.ID}
	if _, isUsed := u.used[key]; isUsed || len(u.used) >= u.capacity {
		return false
	}
	u.used[key] = proof.UsableUntil
	return true
}
