package sandbox

import (
	"net/http"
	"slices"

	"github.com/jieling-id/jieling/client"
)

// Person is one of the cast: who they are at every party, and what they know.
type Person struct {
	Key      string      // short and stable: "lin"
	Name     client.Text // what they are called
	GoodFor  client.Text // what their account shows best
	Platform string      // where they like to start: "android", "ios" or "web"
	Handset  string      // the phone they carry: "android" or "ios"

	QQ            string // the QQ number, which QQ never reveals to apps
	QQOpenID      string
	QQUnionID     string
	WeChatOpenID  string
	WeChatUnionID string
	Phone         string // E.164; it receives messages whether or not it is bound to an account
	PIN           string // the six-digit payment password
	IDCard        string // resident identity number of a district that does not exist; the name on it is Name.ZH

	RegisteredThroughQQ bool // their account began with a QQ sign-in (row D4)
	PhoneBound          bool // their account has Phone bound from the start
	Merchant            bool // theirs is a merchant's account

	Owns Estate
}

// Estate is what hangs on a person's QQ at the participants.
type Estate struct {
	BankCards        int // in WeChat Pay, verified through QQ
	AutoPayments     int // in QQ Wallet
	WalletRecords    int // transaction records in QQ Wallet
	Saves            int // in the game
	Achievements     int
	MiniPrograms     []client.Text // authorisations granted through QQ
	OfficialAccounts []client.Text
	Files            int // received through the QQ file helper
	Customers        int // imported into WeChat Pay from the QQ contacts of a merchant
}

// People is the cast, in the order the pages show it. Every caller gets a copy of its own.
func People() []Person {
	return []Person{
		{
			Key: "lin", Name: client.Text{ZH: "林小满", EN: "Lin Xiaoman"}, Platform: "android", Handset: "android",
			GoodFor: client.Text{ZH: "安卓手机上的常规解绑：用 QQ 注册，还没绑手机，已设支付密码", EN: "the routine unlinking on Android: registered through QQ, no phone bound yet, payment password set"},
			QQ:      "10240001", QQOpenID: "8F1E60A2C3B94D5E9A7700000000A001", QQUnionID: "UID_8F1E60A2C3B94D5EA001",
			WeChatOpenID: "oJielingSandboxLin00000000001", WeChatUnionID: "uJielingSandboxLin00000000001",
			Phone: "+8613800000001", PIN: "204816", IDCard: "990000199603120010", RegisteredThroughQQ: true,
			Owns: Estate{
				BankCards: 2, AutoPayments: 2, WalletRecords: 37, Saves: 1, Achievements: 24, Files: 6,
				MiniPrograms:     []client.Text{{ZH: "青禾外卖", EN: "Qinghe Takeaway"}, {ZH: "拾光相册", EN: "Shiguang Albums"}},
				OfficialAccounts: []client.Text{{ZH: "江城图书馆", EN: "Jiangcheng Library"}},
			},
		},
		{
			Key: "chen", Name: client.Text{ZH: "陈一舟", EN: "Chen Yizhou"}, Platform: "ios", Handset: "ios",
			GoodFor: client.Text{ZH: "苹果手机上的常规解绑：用 QQ 注册，还没绑手机，已设支付密码", EN: "the routine unlinking on iOS: registered through QQ, no phone bound yet, payment password set"},
			QQ:      "10240002", QQOpenID: "3C7B41D0E85F4A11B2C900000000A002", QQUnionID: "UID_3C7B41D0E85F4A11A002",
			WeChatOpenID: "oJielingSandboxChen0000000002", WeChatUnionID: "uJielingSandboxChen0000000002",
			Phone: "+8613800000002", PIN: "739105", IDCard: "990000199107250019", RegisteredThroughQQ: true,
			Owns: Estate{
				BankCards: 1, AutoPayments: 2, WalletRecords: 12, Saves: 1, Achievements: 9, Files: 2,
				MiniPrograms: []client.Text{{ZH: "远山单车", EN: "Yuanshan Bikes"}},
			},
		},
		{
			Key: "zhao", Name: client.Text{ZH: "赵青岚", EN: "Zhao Qinglan"}, Platform: "web", Handset: "android",
			GoodFor: client.Text{ZH: "网页上的常规解绑：QQ 和手机都已绑定，手机微信在线，可以扫码确认", EN: "the routine unlinking on the web: QQ and phone bound, a signed-in phone for the QR approval"},
			QQ:      "10240003", QQOpenID: "B60D92F7714C4E38A5D100000000A003", QQUnionID: "UID_B60D92F7714C4E38A003",
			WeChatOpenID: "oJielingSandboxZhao0000000003", WeChatUnionID: "uJielingSandboxZhao0000000003",
			Phone: "+8613800000003", PIN: "518264", IDCard: "990000198809090019", PhoneBound: true,
			Owns: Estate{
				BankCards: 3, AutoPayments: 2, WalletRecords: 128, Saves: 1, Achievements: 51, Files: 14,
				MiniPrograms:     []client.Text{{ZH: "青禾外卖", EN: "Qinghe Takeaway"}},
				OfficialAccounts: []client.Text{{ZH: "北岸影城", EN: "Beian Cinema"}},
			},
		},
		{
			Key: "sun", Name: client.Text{ZH: "孙小米", EN: "Sun Xiaomi"}, Platform: "android", Handset: "android",
			GoodFor: client.Text{ZH: "随便玩：QQ 和手机都已绑定", EN: "playing: QQ and phone bound"},
			QQ:      "10240004", QQOpenID: "5A19E3C8D02647BF8E6F00000000A004", QQUnionID: "UID_5A19E3C8D02647BFA004",
			WeChatOpenID: "oJielingSandboxSun00000000004", WeChatUnionID: "uJielingSandboxSun00000000004",
			Phone: "+8613800000004", PIN: "860273", IDCard: "990000200011010016", PhoneBound: true,
			Owns: Estate{
				BankCards: 1, AutoPayments: 2, WalletRecords: 3, Saves: 1, Achievements: 2, Files: 1,
				MiniPrograms: []client.Text{{ZH: "拾光相册", EN: "Shiguang Albums"}},
			},
		},
		{
			Key: "qian", Name: client.Text{ZH: "钱多多", EN: "Qian Duoduo"}, Platform: "android", Handset: "android",
			GoodFor: client.Text{ZH: "商户：靠 QQ 联系人导入客户，解绑前会看到涉及多少位", EN: "a merchant who imports customers from QQ contacts, and is told before how many are concerned"},
			QQ:      "10240005", QQOpenID: "C2D7710EFA934D06B81400000000A005", QQUnionID: "UID_C2D7710EFA934D06A005",
			WeChatOpenID: "oJielingSandboxQian0000000005", WeChatUnionID: "uJielingSandboxQian0000000005",
			Phone: "+8613800000005", PIN: "371946", IDCard: "990000197905060018", PhoneBound: true, Merchant: true,
			Owns: Estate{
				BankCards: 1, AutoPayments: 1, WalletRecords: 942, Saves: 0, Achievements: 0, Files: 73, Customers: 326,
				OfficialAccounts: []client.Text{{ZH: "多多杂货", EN: "Duoduo Grocery"}},
			},
		},
	}
}

// only keeps what belongs to the person whom the address asks for with "who"; everything where it asks for nobody.
func only[T any](r *http.Request, all []T, owner func(T) string) []T {
	who := r.URL.Query().Get("who")
	if who == "" {
		return all
	}
	return slices.DeleteFunc(all, func(v T) bool { return owner(v) != who })
}

func personBy(match func(Person) bool) (Person, bool) {
	for _, p := range People() {
		if match(p) {
			return p, true
		}
	}
	return Person{}, false
}

func personByKey(key string) (Person, bool) {
	return personBy(func(p Person) bool { return p.Key == key })
}
