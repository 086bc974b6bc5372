"""What do GovInfo's BILLSTATUS files say of bills of the US Congress?"""
