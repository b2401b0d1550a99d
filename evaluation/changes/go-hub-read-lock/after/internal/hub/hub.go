// Package hub passes messages between the members of rooms.
package hub

import "sync"

// Member is somebody who listens in a room.
type Member interface {
	Deliver(message []byte)
}

// Room keeps its members.
type Room struct {
	name string

	mu      sync.Mutex
	members map[Member]struct{}
}

func newRoom(name string) *Room {
	return &Room{name: name, members: make(map[Member]struct{})}
}

func (r *Room) add(m Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[m] = struct{}{}
}

func (r *Room) remove(m Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, m)
}

func (r *Room) send(message []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range r.members {
		m.Deliver(message)
	}
}

// Hub holds all rooms. Rooms are made when they are first used and stay.
type Hub struct {
	mu    sync.RWMutex
	rooms map[string]*Room
}

// New returns a hub without rooms.
func New() *Hub {
	return &Hub{rooms: make(map[string]*Room)}
}

// Join adds a member to a room.
func (h *Hub) Join(name string, m Member) {
	h.room(name).add(m)
}

// Leave removes a member from a room.
func (h *Hub) Leave(name string, m Member) {
	h.room(name).remove(m)
}

// Send passes a message to all members of a room. It must not be called from
// Deliver.
func (h *Hub) Send(name string, message []byte) {
	h.room(name).send(message)
}

// room returns the room of that name, which it makes if need be.
func (h *Hub) room(name string) *Room {
	h.mu.RLock()
	r, ok := h.rooms[name]
	h.mu.RUnlock()
	if ok {
		return r
	}

	r = newRoom(name)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rooms[name] = r
	return r
}
