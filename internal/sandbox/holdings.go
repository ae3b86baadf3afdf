package sandbox

import (
	"fmt"

	"github.com/jieling-id/jieling/client"
)

func systemTitle(name string) (title, about client.Text) {
	switch name {
	case WeChatPay:
		return client.Text{ZH: "微信支付", EN: "WeChat Pay"},
			client.Text{ZH: "银行卡与实名记录。解绑后实名记录仍指向 QQ 号，要单独清理。", EN: "Bank cards and the real-name record, which keeps pointing at the QQ number until it is cleaned up."}
	case QQWallet:
		return client.Text{ZH: "QQ 钱包", EN: "QQ Wallet"},
			client.Text{ZH: "自动扣费与交易记录。", EN: "Auto-payments and transaction records."}
	case Game:
		return client.Text{ZH: "游戏", EN: "Game"},
			client.Text{ZH: "存档与成就。", EN: "Saves and achievements."}
	case MiniProgram:
		return client.Text{ZH: "小程序与公众号", EN: "Mini-programs and official accounts"},
			client.Text{ZH: "通过 QQ 身份授予的授权。", EN: "Authorisations granted through the QQ identity."}
	case Friends:
		return client.Text{ZH: "好友与隐私", EN: "Friends and privacy"},
			client.Text{ZH: "谁能找到我，声音锁。没有东西依赖 QQ 登录，只有开关。", EN: "Who finds me, and the voice lock. Nothing here hangs on the QQ sign-in; there are switches."}
	case FileHelper:
		return client.Text{ZH: "QQ 文件助手", EN: "QQ file helper"},
			client.Text{ZH: "把 QQ 里的文件发给微信好友。", EN: "Sends files from QQ to WeChat friends."}
	}
	return client.Text{}, client.Text{}
}

func holdingsOf(system string, p Person) []*holding {
	switch system {
	case WeChatPay:
		return payHoldings(p)
	case QQWallet:
		return walletHoldings(p)
	case Game:
		return gameHoldings(p)
	case MiniProgram:
		return miniProgramHoldings(p)
	case FileHelper:
		return fileHoldings(p)
	}
	return nil
}

// payHoldings: cards must be bound again (row I2); the real-name record lingers (row F4); a merchant's customers can no longer be
// imported (row I4).
func payHoldings(p Person) []*holding {
	all := []*holding{
		{Dependent: client.Dependent{
			ID: "bank-cards", Module: client.ModulePayment, Count: p.Owns.BankCards, Effect: client.EffectChanged,
			Title:  client.Text{ZH: "通过 QQ 验证的银行卡", EN: "Bank cards verified through QQ"},
			Detail: client.Text{ZH: "QQ 钱包与微信支付分开，转账可能会慢一些。", EN: "QQ Wallet and WeChat Pay come apart; transfers may arrive more slowly."},
			Remedy: client.Text{ZH: "在微信支付里重新绑定银行卡。", EN: "Bind the cards again in WeChat Pay."},
		}},
		{
			Dependent: client.Dependent{
				ID: "real-name", Module: client.ModulePayment, Count: 1, Effect: client.EffectKept,
				Title:  client.Text{ZH: "实名记录", EN: "Real-name record"},
				Detail: client.Text{ZH: "实名记录仍会指向 QQ 号，解绑不会自动改它。", EN: "The real-name record keeps pointing at the QQ number; the unlinking does not change it."},
				Remedy: client.Text{ZH: "解绑后在“微信支付 › 实名”里单独清理。", EN: "Clean it up separately afterwards, under WeChat Pay › real-name."},
			},
			lingers: &client.Residue{
				ID: "real-name", Cleanable: true,
				Title:   client.Text{ZH: "实名记录仍指向 QQ 号", EN: "The real-name record still points at the QQ number"},
				Detail:  client.Text{ZH: "QQ 尾号 " + p.QQ[len(p.QQ)-3:], EN: "QQ number ending in " + p.QQ[len(p.QQ)-3:]},
				Cleanup: client.Text{ZH: "把实名记录改为指向微信账号本身。", EN: "Point the real-name record at the WeChat account itself."},
			},
		},
	}
	if n := p.Owns.Customers; n > 0 {
		all = append(all, &holding{Dependent: client.Dependent{
			ID: "customers", Rule: "I4", Module: client.ModuleMerchant, Count: n, Effect: client.EffectLost, Backup: true, Bytes: int64(n) * customerRecord,
			Title:  client.Text{ZH: "从 QQ 联系人导入的客户", EN: "Customers imported from QQ contacts"},
			Detail: client.Text{ZH: fmt.Sprintf("%d 位客户来自 QQ 联系人，之后不再更新，也不能再导入新的。", n), EN: fmt.Sprintf("%d customers come from QQ contacts. They are no longer kept current, and no more can be imported.", n)},
			Remedy: client.Text{ZH: "解绑前导出客户名单，或请客户加你的微信。", EN: "Export the list of customers before, or ask them to add your WeChat."},
		}})
	}
	return all
}

// What one of each is in a backup, in bytes.
const (
	customerRecord = 240
	walletRecord   = 1_900
	fileReceived   = 3_600_000
	gameSave       = 12_400_000
)

func walletHoldings(p Person) []*holding {
	return []*holding{
		{Dependent: client.Dependent{
			ID: "auto-payments", Module: client.ModulePayment, Count: p.Owns.AutoPayments, Effect: client.EffectLost,
			Title:  client.Text{ZH: "自动扣费", EN: "Auto-payments"},
			Detail: client.Text{ZH: fmt.Sprintf("%d 个服务通过 QQ 钱包自动扣费，将停止。", p.Owns.AutoPayments), EN: fmt.Sprintf("%d services are paid automatically through QQ Wallet; that ends.", p.Owns.AutoPayments)},
			Remedy: client.Text{ZH: "在各服务里改用其他支付方式。", EN: "Choose another way to pay in each service."},
		}},
		{Dependent: client.Dependent{
			ID: "records", Module: client.ModulePayment, Count: p.Owns.WalletRecords, Effect: client.EffectKept, Backup: true,
			Bytes:  int64(p.Owns.WalletRecords) * walletRecord,
			Title:  client.Text{ZH: "交易记录", EN: "Transaction records"},
			Detail: client.Text{ZH: "记录留在 QQ 钱包，但从微信里看不到了。", EN: "The records stay in QQ Wallet but can no longer be seen from WeChat."},
			Remedy: client.Text{ZH: "解绑前导出一份。", EN: "Export a copy before unlinking."},
		}},
	}
}

// gameHoldings: achievements stop, the save is moved by hand (row I3).
func gameHoldings(p Person) []*holding {
	return []*holding{
		{Dependent: client.Dependent{
			ID: "saves", Module: client.ModuleGames, Count: p.Owns.Saves, Effect: client.EffectChanged, Backup: true,
			Bytes:  int64(p.Owns.Saves) * gameSave,
			Title:  client.Text{ZH: "《云上棋局》存档", EN: "Save in “Chess in the Clouds”"},
			Detail: client.Text{ZH: "存档不再随 QQ 登录打开。", EN: "The save no longer opens with a QQ sign-in."},
			Remedy: client.Text{ZH: "在游戏设置里手动迁移存档。", EN: "Move the save by hand in the game's settings."},
		}},
		{Dependent: client.Dependent{
			ID: "achievements", Module: client.ModuleGames, Count: p.Owns.Achievements, Effect: client.EffectLost, Irreversible: true,
			Title:  client.Text{ZH: "游戏成就", EN: "Achievements"},
			Detail: client.Text{ZH: "成就不再同步到微信游戏专区，部分排行榜重新计算。", EN: "Achievements stop synchronising to the WeChat zone; some leaderboards restart."},
			Remedy: client.Text{ZH: "之后的新成就会记在微信账号上。", EN: "New achievements are recorded on the WeChat account."},
		}},
	}
}

// miniProgramHoldings lists each authorisation by name (row D5).
func miniProgramHoldings(p Person) []*holding {
	var all []*holding
	add := func(kind string, module client.Module, names []client.Text) {
		for i, name := range names {
			all = append(all, &holding{Dependent: client.Dependent{
				ID: fmt.Sprintf("%s-%d", kind, i+1), Rule: "D5", Module: module, Count: 1, Effect: client.EffectLost, Title: name,
				Detail: client.Text{ZH: "通过 QQ 身份授予的授权会失效。", EN: "The authorisation granted through QQ lapses."},
				Remedy: client.Text{ZH: "解绑后打开它，重新授权。", EN: "Open it afterwards and authorise it again."},
			}})
		}
	}
	add("mini-program", client.ModuleMiniProgram, p.Owns.MiniPrograms)
	add("official-account", client.ModuleOfficialAccount, p.Owns.OfficialAccounts)
	return all
}

// fileHoldings: the helper is switched off (row D3); important files are worth a copy (row P5).
func fileHoldings(p Person) []*holding {
	return []*holding{
		{Dependent: client.Dependent{
			ID: "file-helper", Module: client.ModuleFiles, Count: 1, Effect: client.EffectLost,
			Title:  client.Text{ZH: "QQ 文件助手", EN: "QQ file helper"},
			Detail: client.Text{ZH: "不能再用它给微信好友发文件。", EN: "It can no longer send files to WeChat friends."},
			Remedy: client.Text{ZH: "改用微信自带的文件传输助手。", EN: "Use WeChat's own file transfer instead."},
		}},
		{Dependent: client.Dependent{
			ID: "files", Module: client.ModuleFiles, Count: p.Owns.Files, Effect: client.EffectKept, Backup: true,
			Bytes:  int64(p.Owns.Files) * fileReceived,
			Title:  client.Text{ZH: "收到的文件", EN: "Files received"},
			Detail: client.Text{ZH: "已收到的文件不会删除，但会在原来的有效期后过期。", EN: "Files already received are not deleted, but expire when they would have anyway."},
			Remedy: client.Text{ZH: "把重要文件另存一份。", EN: "Save a copy of what matters."},
		}},
	}
}
