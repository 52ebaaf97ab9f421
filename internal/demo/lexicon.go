package demo

import "strings"

// lexicon is what names and places are made of.
type lexicon struct {
	names     map[string]nameList // by language
	companies []string
	trades    []trade
	countries map[string]*country // by the data set's word for it
	abroad    []string            // the keys of countries save the United Kingdom, in a fixed order
}

type nameList struct{ given, family []string }

// trade is what an organization does: the second half of its name.
type trade struct{ name, industry, group string }

// home is the data set's word for the country that most customers are in.
const home = "United Kingdom"

func newLexicon() *lexicon {
	l := &lexicon{
		names: map[string]nameList{
			"en": {
				strings.Fields(`Amelia Oliver Isla Harry Ava George Emily Noah Sophie Jack Grace Leo Freya Arthur
					Poppy Oscar Evie Charlie Alice Henry Ruby Thomas Daisy William Florence James Rosie Edward
					Matilda Samuel Harriet Joseph Imogen Daniel Eleanor Adam Phoebe Benjamin Beatrice Max Zoë
					Callum Siân Rhys Niamh Finlay Morag Angus Priya Arjun Aisha Imran Chloë Owen Gwen Dylan
					Margaret Kenneth Sheila Graham Maureen Trevor Jean Malcolm Brenda Keith Renée Yusuf Leila Tunde`),
				strings.Fields(`Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson
					Evans Walker White Roberts Green Hall Wood Jackson Clarke Hughes Edwards Hill Moore Turner Morris
					Ward Cooper Khan King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price
					Bennett Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy
					Miller Cox Marshall Singh Simpson Adams Palmer Mills Chapman Hussain Fraser MacDonald O'Brien
					Fletcher Ellis Barker Knight Lloyd Butler Atkinson Gallagher Brontë Okafor Mensah Begum Pryce`),
			},
			"de": {
				strings.Fields(`Jürgen Sabine Lukas Anna Matthias Käthe Björn Ursula Stefan Heike Jörg Monika Florian Lena`),
				strings.Fields(`Müller Schmidt Schneider Fischer Weber Schäfer Koch Bäcker Richter Wolf Schröder Neumann Krüger Weiß`),
			},
			"fr": {
				strings.Fields(`Élodie Jérôme Chloé François Amélie Benoît Hélène Gaël Sylvie Rémi Noémie Luc Margaux Cédric`),
				strings.Fields(`Martin Bernard Lefèvre Moreau Girard Dupré Bélanger Faure Mercier Blanchet Gauthier Garçon Rousseau Noël`),
			},
			"south": {
				strings.Fields(`Lucía José Sofía João Inês Andrés Giulia Matteo Núria Tomás Chiara Paulo Elena Nikos`),
				strings.Fields(`García Martínez Fernández Silva Conceição Rossi Esposito Muñoz Peña Gonçalves Ferrari Núñez Romano Georgiou`),
			},
			"north": {
				strings.Fields(`Søren Åsa Bjørn Sigrún Lars Maja Jóhanna Mikkel Elin Håkon Annika Tuomas Päivi Östen`),
				strings.Fields(`Hansen Johansson Sørensen Virtanen Lindström Jónsdóttir Østergaard Nilsson Mäkinen Berg Åkesson Dahl Nygård Koskinen`),
			},
			"east": {
				strings.Fields(`Łukasz Agnieszka Zofia Wojciech Rūta Jonas Małgorzata Žygimantas Piotr Ieva Stanisław Eglė`),
				strings.Fields(`Kowalczyk Wiśniewski Zieliński Kazlauskas Dąbrowska Nowak Petrauskas Wójcik Žukauskas Lewandowska`),
			},
			"ja": {
				strings.Fields(`Haruto Yui Sakura Kenji Aiko Takumi Naoko Hiroshi`),
				strings.Fields(`Satō Suzuki Takahashi Tanaka Itō Watanabe Kobayashi Katō`),
			},
		},
		companies: strings.Fields(`Harbour Oakfield Lantern Meadow Copperleaf Foxglove Riverside Larkspur Beacon Hazelwood
			Seabright Thistledown Ivybridge Marigold Northgate Pennywell Rookery Silverbirch Wayside Bluebell`),
		trades:    trades(),
		countries: map[string]*country{},
	}
	for _, c := range countries() {
		l.countries[c.name] = &c
		if c.name != home {
			l.abroad = append(l.abroad, c.name)
		}
	}
	return l
}

func trades() []trade {
	return []trade{
		{"Gifts Ltd", "Gift shops", "small business"},
		{"Trading Company", "Wholesale", "enterprise"},
		{"Tea Rooms", "Hospitality", "small business"},
		{"Garden Centres plc", "Garden centres", "enterprise"},
		{"Primary School", "Education", "education"},
		{"Stationers", "Stationery", "small business"},
		{"Borough Council", "Public administration", "government"},
		{"Hotels Group", "Hospitality", "enterprise"},
		{"Christmas Markets Ltd", "Events", "small business"},
		{"Home & Living Ltd", "Homeware", "small business"},
	}
}

// person returns a name as people of the country have it.
func (l *lexicon) person(r *random, c *country) (given, family string) {
	list := l.names[c.names]
	return pick(r, list.given), pick(r, list.family)
}
