package lanemodel_test

// packer appends bit fields to a word.
type packer uint64

func (p *packer) add(v uint8, bits uint) { *p = *p<<bits | packer(v) }

func (p *packer) flag(b bool) {
	*p <<= 1
	if b {
		*p |= 1
	}
}

func (p *packer) memory(m memory) {
	p.add(uint8(m.batch), 2)
	p.add(m.token, 3)
	p.flag(m.accepted)
	p.add(uint8(m.apart), 2)
	p.add(uint8(m.decided[0]), 2)
	p.add(uint8(m.decided[1]), 2)
}

// key packs a worker into 45 bits.
func (w worker) key() uint64 {
	var p packer
	p.add(uint8(w.at), 3)
	p.add(uint8(w.why), 4)
	p.add(uint8(w.phase), 2)
	p.add(uint8(w.reply), 2)
	p.flag(w.own)
	p.flag(w.took)
	p.add(uint8(w.back), 3)
	p.flag(w.fresh)
	p.add(w.lag, 2)
	p.add(w.since, 2)
	p.add(w.used, 2)
	p.add(w.stall, 3)
	p.add(w.next, 3)
	p.add(uint8(w.queue), 2)
	p.add(uint8(w.mine), 2)
	p.memory(w.mem)
	return uint64(p)
}

// key packs a state: three workers, the chain in what is left beside them, and
// the world in a word of its own.
func (s *state) key() [5]uint64 {
	var chain, world packer
	chain.add(s.oldest, 3)
	chain.add(s.gens, 2)
	chain.flag(s.held)
	chain.add(s.age, 2)
	chain.flag(s.recent)
	chain.flag(s.before)
	chain.memory(s.mem)
	chain.memory(s.prev)
	world.add(uint8(s.queue), 2)
	world.add(uint8(s.asked), 2)
	for i := range s.records {
		world.add(uint8(s.records[i]), 2)
		world.add(uint8(s.final[i]), 2)
		world.add(s.effects[i], 2)
	}
	world.add(s.shows, 2)
	world.add(s.pending, 2)
	world.add(s.taken, 8)
	world.add(s.late, 3)
	world.add(uint8(s.lateFor), 2)
	return [5]uint64{s.workers[0].key(), s.workers[1].key(), s.workers[2].key(), uint64(chain), uint64(world)}
}
