package main

import "context"

type reindexCmd struct {
	functionFlags

	Since string `placeholder:"DAY" help:"Only records of changes that were accepted from this day on, such as 2026-01-01, in UTC; default: all records."`
}

// Run adds the rows of records to the index of the list, a thousand records at a time.
// Rows that are there already stay as they are.
func (c *reindexCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	records, next := 0, ""
	for {
		step, err := client.Reindex(ctx, c.Since, next, newDelivery())
		if err != nil {
			return err
		}
		if step.Next != "" && step.Next == next && step.Records > 0 {
			return foreign("the function does not go on: it answers the same step again")
		}
		records, next = records+step.Records, step.Next
		if next == "" {
			t.say("%s in the index", plural(records, "record"))
			return nil
		}
		t.note("%s read", plural(records, "record"))
	}
}
