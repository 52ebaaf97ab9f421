package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed" // The purchases are part of the program.
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

//go:embed data/invoices.csv.gz
var invoicesCSV string

//go:embed data/lines.csv.gz
var linesCSV string

// purchases is the real part of the data set, as the files have it.
type purchases struct {
	buyers   []*buyer     // by the data's customer id
	invoices []*invoice   // in the file's order, which is by day
	articles []*stockItem // by stock code
}

// buyer is a customer of the data set. Only what is above the blank line is
// the data's; the rest is worked out from it or generated.
type buyer struct {
	key      string // the data's customer id
	invoices []*invoice
	country  string // as the lines have it; "" without lines

	id      crm.ID
	spent   int64         // pence
	bought  []*stockItem  // each once, in the order first bought
	rank    int           // place in the list by latest update, from 0
	company *organization // whose primary buyer it is; nil for most
	profile *crm.Customer
}

// invoice is a purchase of the data set.
type invoice struct {
	number string
	day    time.Time
	buyer  *buyer
	total  int64 // pence
	lines  []invoiceLine

	company *organization // it was bought for; nil for most
}

// invoiceLine is a line of an invoice; its unit price is in pence.
type invoiceLine struct {
	item      *stockItem
	title     string
	quantity  int
	unitPrice int64
}

// stockItem is what the data set sells under a stock code.
type stockItem struct {
	code      string
	title     string // its most frequent description, the earliest of equals
	price     int64  // latest unit price that is not zero, in pence
	firstSold time.Time
	lastSold  time.Time

	index   int // in purchases.articles
	id      crm.ID
	buyers  int            // how many customers bought it
	spelled []descriptions // every description and how often
}

type descriptions struct {
	text  string
	count int
}

// first is the day of the buyer's first purchase, last of the latest.
func (b *buyer) first() time.Time { return b.invoices[0].day }
func (b *buyer) last() time.Time  { return b.invoices[len(b.invoices)-1].day }

// service says whether the item is no article but a charge: postage, carriage,
// bank charges, an entry by hand. The data set's codes for these have fewer
// than five digits in front.
func (s *stockItem) service() bool { return len(s.code) < 5 || s.code[0] < '0' || s.code[0] > '9' }

// readPurchases reads the two embedded files.
func readPurchases() (*purchases, error) {
	p := &purchases{}
	byNumber, err := p.readInvoices()
	if err != nil {
		return nil, fmt.Errorf("read invoices: %w", err)
	}
	if err := p.readLines(byNumber); err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	slices.SortFunc(p.buyers, func(a, b *buyer) int { return strings.Compare(a.key, b.key) })
	slices.SortFunc(p.articles, func(a, b *stockItem) int { return strings.Compare(a.code, b.code) })
	for i, item := range p.articles {
		item.index = i
		item.title = item.mostFrequent()
	}
	for _, b := range p.buyers {
		for _, item := range b.bought {
			item.buyers++
		}
	}
	return p, nil
}

// records calls row for every row of a compressed CSV file after its header.
// The row's slice is used again for the next.
func records(compressed, header string, row func([]string) error) error {
	unpacked, err := gzip.NewReader(strings.NewReader(compressed))
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.ReuseRecord = true
	for n := 0; ; n++ {
		fields, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case n == 0:
			if got := strings.Join(fields, ","); got != header {
				return fmt.Errorf("header is %q, want %q", got, header)
			}
		default:
			if err := row(fields); err != nil {
				return fmt.Errorf("row %d: %w", n+1, err)
			}
		}
	}
}

func (p *purchases) readInvoices() (map[string]*invoice, error) {
	const header = "invoice_no,invoice_date,customer_id,total_gbp"
	byNumber := make(map[string]*invoice, 18532)
	byKey := make(map[string]*buyer, 4338)
	var day time.Time
	read := "" // what day was read from: rows of one day stand together
	return byNumber, records(invoicesCSV, header, func(row []string) (err error) {
		if row[1] != read {
			if day, err = time.Parse(time.DateOnly, row[1]); err != nil {
				return err
			}
			read = row[1]
		}
		total, err := pence(row[3])
		if err != nil {
			return err
		}
		b := byKey[row[2]]
		if b == nil {
			b = &buyer{key: row[2], id: crm.DerivedID(crm.KindCustomer, Source, row[2])}
			byKey[b.key] = b
			p.buyers = append(p.buyers, b)
		}
		inv := &invoice{number: row[0], day: day, buyer: b, total: total}
		b.invoices = append(b.invoices, inv)
		b.spent += total
		byNumber[inv.number] = inv
		p.invoices = append(p.invoices, inv)
		return nil
	})
}

func (p *purchases) readLines(byNumber map[string]*invoice) error {
	const header = "invoice_no,stock_code,description,quantity,unit_price_gbp,customer_id,country"
	byCode := make(map[string]*stockItem, 2483)
	return records(linesCSV, header, func(row []string) error {
		inv := byNumber[row[0]]
		if inv == nil || inv.buyer.key != row[5] {
			return errors.New("line without its invoice")
		}
		quantity, err := strconv.Atoi(row[3])
		if err != nil {
			return err
		}
		price, err := pence(row[4])
		if err != nil {
			return err
		}
		item := byCode[row[1]]
		if item == nil {
			item = &stockItem{
				code: row[1], firstSold: inv.day,
				id: productID(Source, row[1]),
			}
			byCode[item.code] = item
			p.articles = append(p.articles, item)
		}
		title := item.sold(strings.TrimSpace(row[2]), price, inv.day)
		inv.lines = append(inv.lines, invoiceLine{item: item, title: title, quantity: quantity, unitPrice: price})
		inv.buyer.country = row[6]
		if !slices.Contains(inv.buyer.bought, item) {
			inv.buyer.bought = append(inv.buyer.bought, item)
		}
		return nil
	})
}

// sold notes one sale and gives the description, kept once for all its lines.
func (s *stockItem) sold(title string, price int64, day time.Time) string {
	s.lastSold = day
	if price > 0 {
		s.price = price
	}
	for i := range s.spelled {
		if s.spelled[i].text == title {
			s.spelled[i].count++
			return s.spelled[i].text
		}
	}
	title = strings.Clone(title)
	s.spelled = append(s.spelled, descriptions{text: title, count: 1})
	return title
}

func (s *stockItem) mostFrequent() string {
	best := s.spelled[0]
	for _, d := range s.spelled[1:] {
		if d.count > best.count {
			best = d
		}
	}
	return best.text
}

// productID returns the id of a stock code at a source.
func productID(source, code string) crm.ID {
	return crm.DerivedID(crm.KindProduct, source, externalID(code))
}

// externalID returns what stands for a stock code in ids, where a space cannot:
// percent-encoded (RFC 3986), as "BANK%20CHARGES" for the one code that has one.
func externalID(code string) string { return strings.ReplaceAll(code, " ", "%20") }

// pence reads an amount in pounds with at most two digits after the point.
func pence(pounds string) (int64, error) {
	whole, fraction, _ := strings.Cut(pounds, ".")
	if len(fraction) > 2 {
		return 0, errors.New("an amount has more than two digits after the point")
	}
	return strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
}
