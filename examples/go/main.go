// A small client of MemoryMesh that needs nothing but Go's standard library (1.19 or newer).
//
//	MEMORYMESH_URL=http://localhost:8000 MEMORYMESH_API_KEY=mm_... go run .
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Problem is an answer that is not 2xx: problem details (RFC 9457).
type Problem struct {
	Type   string              `json:"type"`
	Title  string              `json:"title"`
	Status int                 `json:"status"`
	Detail string              `json:"detail"`
	Errors map[string][]string `json:"errors"`
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s: %s %v", p.Status, p.Title, p.Detail, p.Errors)
}

// Message is one message of a conversation.
type Message struct {
	ID             string `json:"id,omitempty"`
	ConversationID string `json:"conversation_id"`
	UserID         string `json:"user_id,omitempty"`
	Role           string `json:"role"`
	Content        string `json:"content"`
}

// Memory is one long-term fact.
type Memory struct {
	ID       string `json:"id,omitempty"`
	UserID   string `json:"user_id"`
	Text     string `json:"text"`
	Category string `json:"category,omitempty"`
}

// Context is what an assistant should know before it answers.
type Context struct {
	Messages []Message `json:"messages"`
	Memories []Memory  `json:"memories"`
	Text     string    `json:"text"`
}

// Client sends requests with an API key.
type Client struct {
	URL    string
	APIKey string
	HTTP   *http.Client
}

// StoreMessage stores a message; the answer comes when what there is to learn from it was learned.
func (c *Client) StoreMessage(message Message) (stored Message, err error) {
	return stored, c.send(http.MethodPost, "/v1/messages", url.Values{"wait": {"memories"}}, message, &stored)
}

// Context reads recent messages, the memories that matter, and a text to paste.
func (c *Client) Context(conversationID, userID, query string) (context Context, err error) {
	return context, c.send(http.MethodGet, "/v1/context/"+url.PathEscape(conversationID), url.Values{"user_id": {userID}, "query": {query}}, nil, &context)
}

// Search finds messages that answer a query, best first.
func (c *Client) Search(query string, topK int) ([]Message, error) {
	var answer struct {
		Results []struct {
			Message Message `json:"message"`
		} `json:"results"`
	}
	err := c.send(http.MethodGet, "/v1/memory/search", url.Values{"query": {query}, "top_k": {strconv.Itoa(topK)}}, nil, &answer)
	messages := make([]Message, 0, len(answer.Results))
	for _, result := range answer.Results {
		messages = append(messages, result.Message)
	}
	return messages, err
}

// AddMemory stores a fact.
func (c *Client) AddMemory(userID, text string) (added Memory, err error) {
	return added, c.send(http.MethodPost, "/v1/memories", nil, Memory{UserID: userID, Text: text}, &added)
}

// Memories reads every memory of a user, page by page.
func (c *Client) Memories(userID string) ([]Memory, error) {
	var all []Memory
	for page := 1; ; page++ {
		var answer struct {
			Count    int      `json:"count"`
			Memories []Memory `json:"memories"`
		}
		if err := c.send(http.MethodGet, "/v1/memories", url.Values{"user_id": {userID}, "page": {strconv.Itoa(page)}}, nil, &answer); err != nil {
			return nil, err
		}
		all = append(all, answer.Memories...)
		if len(all) >= answer.Count || len(answer.Memories) == 0 {
			return all, nil
		}
	}
}

// GetMemory reads a memory.
func (c *Client) GetMemory(id string) (memory Memory, err error) {
	return memory, c.send(http.MethodGet, "/v1/memories/"+id, nil, nil, &memory)
}

// DeleteMemory deletes a memory with its history.
func (c *Client) DeleteMemory(id string) error {
	return c.send(http.MethodDelete, "/v1/memories/"+id, nil, nil, nil)
}

func (c *Client) send(method, path string, query url.Values, body, answer any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	address := strings.TrimRight(c.URL, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequest(method, address, content)
	if err != nil {
		return err
	}
	request.Header.Set("x-api-key", c.APIKey)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		// Sent again with the same key, a request has its effect once.
		request.Header.Set("Idempotency-Key", randomID())
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		problem := &Problem{Status: response.StatusCode}
		_ = json.NewDecoder(response.Body).Decode(problem)
		return problem
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func randomID() string {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%x", id)
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	address := os.Getenv("MEMORYMESH_URL")
	if address == "" {
		address = "http://localhost:8000"
	}
	client := &Client{URL: address, APIKey: os.Getenv("MEMORYMESH_API_KEY"), HTTP: &http.Client{Timeout: 30 * time.Second}}
	user := "go-" + randomID()

	must(client.StoreMessage(Message{ConversationID: user + "-a", UserID: user, Role: "user", Content: "My name is Honda. I prefer Python over JavaScript."}))
	fmt.Println("found:", must(client.Search("Python", 5))[0].Content)
	fmt.Println("context:", must(client.Context(user+"-b", user, "Which language should I use?")).Text)

	added := must(client.AddMemory(user, "Works from home on Fridays."))
	fmt.Println("memories:", len(must(client.Memories(user))))
	if err := client.DeleteMemory(added.ID); err != nil {
		log.Fatal(err)
	}
	_, err := client.GetMemory(added.ID)
	var problem *Problem
	if errors.As(err, &problem) {
		fmt.Println("deleted:", problem.Status, problem.Type)
	}
}
